package console

import "maps"

// The words of the screens that tell and change nothing: statistics, lockdown, health.
func init() {
	maps.Copy(urdu, urduScreens)
	maps.Copy(english, englishScreens)
}

var englishScreens = map[string]string{
	"door again": "opened again", "door open": "open", "door unknown": "unknown", "door waived": "explained", "door closed": "closed",
	"check watch": "Watch", "check fleet": "Sight of the sites", "check canary": "Canaries", "check looks": "Looks", "check queue": "Queue", "check mail": "Alerts", "check blobs": "Evidence store",
	"check disk": "Disk", "check browser": "Chrome", "check clock": "Clock", "queue look": "looks", "queue judge": "judgements", "queue deliver": "deliveries",
	"token read": "read", "token decide": "read and decide",
	"copy proved": "proved", "copy unproved": "not proved", "copy broken": "damaged", "copy missing": "missing",
}

var urduScreens = map[string]string{
	"Tokens": "ٹوکن", "Your tokens": "آپ کے ٹوکن", "Tokens of others": "دوسروں کے ٹوکن", "New token": "نیا ٹوکن", "The token %s": "ٹوکن %s", "What it is for": "کس کام کے لیے", "What it may do": "کیا کر سکتا ہے",
	"Days that it holds, at most %d": "کتنے دن چلے، زیادہ سے زیادہ %d", "Made": "بنا", "Last used": "آخری استعمال", "Revoke": "منسوخ کریں", "revoked": "منسوخ", "expired": "مدت ختم", "%s: revoked": "%s: منسوخ",
	"token read": "پڑھنا", "token decide": "پڑھنا اور فیصلہ کرنا", "by the token %s": "بذریعہ ٹوکن %s", "say for how many days the token holds": "بتائیں ٹوکن کتنے دن چلے",
	"It is shown this once. Keep it where programs keep secrets.":                                                                            "یہ صرف اسی بار دکھایا جاتا ہے۔ اسے وہاں رکھیں جہاں پروگرام راز رکھتے ہیں۔",
	"A program that asks or decides for you sends a token along. It may do what you may, and what it decides stands in the record as yours.": "جو پروگرام آپ کی طرف سے پوچھے یا فیصلہ کرے وہ ٹوکن ساتھ بھیجتا ہے۔ وہ وہی کر سکتا ہے جو آپ کر سکتے ہیں، اور اس کا فیصلہ ریکارڈ میں آپ کا ہے۔",
	"What programs can ask for": "پروگرام کیا پوچھ سکتے ہیں", "Chapters": "ابواب", "Types": "اقسام", "Parameters": "پیرامیٹر", "Sends": "بھیجتا ہے", "Answers": "جواب", "always there": "ہمیشہ موجود",
	"Send a token along with each request. A list is answered page by page; what is refused says what to do about it.": "ہر درخواست کے ساتھ ٹوکن بھیجیں۔ فہرست صفحہ بہ صفحہ آتی ہے؛ جو رد ہو وہ بتاتا ہے کہ کیا کیا جائے۔",
	"Statistics": "اعداد و شمار", "Of the sites of your institution, as the watch found it.": "آپ کے ادارے کی سائٹس کے بارے میں، جیسا نگرانی نے پایا۔",
	"this time has not begun yet": "یہ مدت ابھی شروع نہیں ہوئی",
	"this is neither a quarter, such as 2026Q1, nor two days, such as 2026-01-01 and 2026-03-31, at most a year apart": "یہ نہ سہ ماہی ہے، جیسے 2026Q1، نہ دو دن، جیسے 2026-01-01 اور 2026-03-31، زیادہ سے زیادہ ایک سال کے فاصلے پر",
	"This time is not over yet.": "یہ مدت ابھی پوری نہیں ہوئی۔", "Quarter": "سہ ماہی", "Show": "دکھائیں", "From day": "کس دن سے", "To day": "کس دن تک",
	"incidents": "واقعات", "%d before, %d a year before": "اس سے پہلے %d، ایک سال پہلے %d", "median of %d": "%d کا وسطانیہ", "false alarms": "غلط الارم", "%d of %d": "%d، کل %d میں سے",
	"to detect": "پتا چلنے تک", "to notify": "اطلاع تک", "to acknowledge": "نوٹس لینے تک", "to recover": "بحالی تک",
	"Day by day": "روز بہ روز", "Incidents by day": "روزانہ واقعات", "Days as a table": "دن، جدول میں", "Day": "دن",
	"By kind": "قسم کے لحاظ سے", "By tier": "درجے کے لحاظ سے", "By region": "علاقے کے لحاظ سے", "By institution": "ادارے کے لحاظ سے",
	"Chart": "خاکہ", "Before": "اس سے پہلے", "Year before": "ایک سال پہلے", "and %d more, in the CSV": "اور %d مزید، CSV میں",
	"Quarter by quarter": "سہ ماہی بہ سہ ماہی", "Incidents by quarter": "سہ ماہی واقعات", "Quarters as a table": "سہ ماہیاں، جدول میں",
	"Year on year": "سال بہ سال", "so far": "اب تک", "How long it took": "کتنا وقت لگا", "Step": "مرحلہ", "Median": "وسطانیہ", "Slowest tenth": "سست ترین دسواں حصہ",
	"To detect is the most it can have been: from the last look that saw the page to the one that showed the attack. The others count from that look: to the first alert that arrived, the first answer of a person, the approved look's return.": "پتا چلنے کا وقت زیادہ سے زیادہ ہے: صفحہ دیکھنے والے آخری معائنے سے اس معائنے تک جس میں حملہ نظر آیا۔ باقی اسی معائنے سے گنے جاتے ہیں: پہلی اطلاع پہنچنے تک، کسی فرد کے پہلے جواب تک، منظور شدہ صورت کی واپسی تک۔",
	"Flakiest sites": "بے وجہ توجہ مانگنے والی سائٹس", "False alarms": "غلط الارم", "Out of sight": "نظر سے اوجھل", "Attacks": "حملے",
	"An incident belongs to the day, in Pakistan Standard Time, on which it was first seen. False alarms, and sites that were only out of sight, are counted apart.": "واقعہ اس دن کا ہے، پاکستان کے معیاری وقت کے مطابق، جس دن پہلی بار دیکھا گیا۔ غلط الارم، اور وہ سائٹس جو صرف نظر سے اوجھل تھیں، الگ گنی جاتی ہیں۔",
	"Imported from the CERT's own records: %d.":                    "CERT کے اپنے ریکارڈ سے درآمد شدہ: %d۔",
	"Bars: this time. Upright marks: the same time a year before.": "پٹیاں: یہ مدت۔ کھڑے نشان: ایک سال پہلے کی یہی مدت۔",
	"malware": "مضر سافٹ ویئر", "phishing": "فشنگ", "ransomware": "تاوان سافٹ ویئر", "unauthorised access": "غیر مجاز رسائی", "denial of service": "خدمت کی بندش", "other": "دیگر", "not stated": "نامعلوم",

	"Lockdown": "لاک ڈاؤن", "Snapshots": "نقول", "Snapshot": "نقل", "Rows": "سطریں", "a row a site": "ہر سائٹ کی سطر", "a row an institution": "ہر ادارے کی سطر",
	"Order": "حکم", "any order": "ہر حکم", "order %d": "حکم %d", "Order %d": "حکم %d", "Control": "پابندی", "Controls": "پابندیاں",
	"sites complied": "سائٹس نے تعمیل کی", "mean score": "اوسط نمبر", "opened again": "دوبارہ کھلے", "Opened again": "دوبارہ کھلے", "doors still open": "دروازے اب تک کھلے", "explained": "وضاحت شدہ",
	"Orders in force": "نافذ احکام", "the deadline has passed": "مہلت گزر چکی", "in force": "نافذ", "%d of %d complied": "%d نے تعمیل کی، کل %d میں سے", "%d controls": "%d پابندیاں", "issued": "جاری",
	"The board": "تختہ", "Score": "نمبر", "%d sites": "%d سائٹس", "Nothing is ordered into lockdown.": "کوئی سائٹ لاک ڈاؤن کے حکم میں نہیں۔", "Who explained": "کس نے وضاحت دی", "approved by": "منظور کنندہ",
	"looked at": "دیکھا گیا", "server asked": "سرور سے پوچھا گیا", "the server is not asked: the watchlist does not authorise it": "سرور سے پوچھا نہیں جاتا: نگرانی کی فہرست اجازت نہیں دیتی",
	"Nothing is ordered of this site. This is how it would stand.": "اس سائٹ کے لیے کوئی حکم نہیں۔ حکم ہوتا تو صورت یہ ہوتی۔", "score %d of 100": "100 میں سے %d نمبر", "as of %s": "بوقت %s", "since %s": "%s سے",
	"The look that showed it": "معائنہ جس میں یہ نظر آیا", "%d %% alike": "%d %% مشابہ", "%d pages": "%d صفحات", "The page as the copy shows it": "صفحہ جیسا نقل دکھاتی ہے",
	"To export the newest proved copy with all that is needed to serve it, type on the machine of the watch:":                                           "تازہ ترین ثابت شدہ نقل، چلانے کے پورے سامان کے ساتھ، برآمد کرنے کے لیے نگرانی کی مشین پر لکھیں:",
	"The CERT exports a copy for you when you need it.":                                                                                                 "ضرورت پڑنے پر CERT آپ کے لیے نقل برآمد کرتا ہے۔",
	"A copy that does nothing, from which a site can be shown while its server is cleaned. A proved one was rendered and looks like the approved look.": "ایسی نقل جو کچھ کرتی نہیں، جس سے سائٹ دکھائی جا سکتی ہے جب تک سرور صاف ہو۔ ثابت شدہ نقل چلا کر دیکھی گئی اور منظور شدہ صورت جیسی ہے۔",
	"It is exported on the machine of the watch:":                                                                                                       "یہ نگرانی کی مشین پر برآمد ہوتی ہے:", "Alike": "مشابہت", "Age": "عمر", "Read again": "دوبارہ پڑھی گئی", "Size": "حجم",
	"door again": "دوبارہ کھلا", "door open": "کھلا", "door unknown": "نامعلوم", "door waived": "وضاحت شدہ", "door closed": "بند",
	"copy proved": "ثابت شدہ", "copy unproved": "غیر ثابت شدہ", "copy broken": "خراب", "copy missing": "موجود نہیں",

	"No login": "لاگ اِن نہ ہو", "No upload": "اپ لوڈ نہ ہو", "No usable form": "قابلِ استعمال فارم نہ ہو", "No comment box": "تبصرے کا خانہ نہ ہو", "No search box": "تلاش کا خانہ نہ ہو", "No chat": "چیٹ نہ ہو",
	"No script that makes or sends a form": "فارم بنانے یا بھیجنے والا اسکرپٹ نہ ہو", "Requests that change something are refused": "کچھ بدلنے والی درخواستیں رد ہوں", "Back ends are closed to the world": "انتظامی حصے دنیا کے لیے بند ہوں",
	"No web shell": "ویب شیل نہ ہو", "No directory is listed": "فولڈر کی فہرست نہ کھلے", "Nothing is written for a visitor, as far as it shows": "جہاں تک نظر آئے، آنے والے کے لیے کچھ لکھا نہ جائے",
	"Server and CMS get security updates": "سرور اور CMS کو حفاظتی تازہ کاری ملتی ہو", "Versions are not told": "نسخے ظاہر نہ ہوں", "A CDN or WAF stands in front": "آگے CDN یا WAF ہو",
	"The server behind the CDN does not answer to everybody": "CDN کے پیچھے سرور ہر کسی کو جواب نہ دے", "Reached by TLS, with a certificate that browsers trust": "TLS سے رسائی، ایسی سند کے ساتھ جسے براؤزر مانتے ہیں",
	"A Content-Security-Policy without unsafe script, and no forms": "Content-Security-Policy، غیر محفوظ اسکرپٹ اور فارم کے بغیر", "Security headers": "حفاظتی ہیڈر", "No script of others": "دوسروں کا اسکرپٹ نہ ہو", "security.txt with a contact": "رابطے کے ساتھ security.txt",

	"Health": "صحت", "measured": "پیمائش", "Nothing was measured yet. pasban serve does so once a minute.": "ابھی کچھ ناپا نہیں گیا۔ pasban serve ہر منٹ ناپتا ہے۔",
	"Nothing was measured for too long. Is pasban serve running?": "دیر سے کچھ ناپا نہیں گیا۔ کیا pasban serve چل رہا ہے؟", "blind spots": "اوجھل صفحات", "not well": "ٹھیک نہیں", "alerts not delivered": "اطلاعات نہیں پہنچیں",
	"ill": "خراب", "well": "ٹھیک", "not measured": "ناپا نہیں گیا", "Queues": "قطاریں", "Waiting": "منتظر", "Oldest": "سب سے پرانا", "What is watched": "کیا زیرِ نگرانی ہے", "%d paused": "%d رکی ہوئی",
	"Pages": "صفحات", "%d seen in time": "%d بروقت دیکھے گئے", "%d by nobody yet": "%d ابھی کسی نے منظور نہیں کیے", "Waiting for an analyst": "تجزیہ کار کے منتظر", "Removed by age": "پرانا ہونے پر ہٹائے گئے", "%d looks": "%d معائنے",
	"Blind spots": "اوجھل صفحات", "Pages that were not seen well within twice the time of their schedule, those out of sight longest first.": "وہ صفحات جو اپنے نظام الاوقات کے دگنے وقت میں ٹھیک نہیں دیکھے گئے، جو سب سے دیر سے اوجھل ہیں پہلے۔",
	"Page": "صفحہ", "Promised": "وعدہ", "Last attempt": "آخری کوشش", "Why": "کیوں", "None. Every page is seen in time.": "کوئی نہیں۔ ہر صفحہ بروقت دیکھا جاتا ہے۔",
	"check watch": "نگرانی", "check fleet": "سائٹس پر نظر", "check canary": "آزمائشی صفحات", "check looks": "معائنے", "check queue": "قطار", "check mail": "اطلاعات", "check blobs": "شواہد کا ذخیرہ",
	"check disk": "ڈسک", "check browser": "کروم", "check clock": "گھڑی", "queue look": "معائنے", "queue judge": "فیصلے", "queue deliver": "ترسیلات",

	"Look at what all of them share: this machine's line, its name server, its firewall, the provider.":                                        "وہ دیکھیں جو سب میں مشترک ہے: اس مشین کی لائن، اس کا نیم سرور، اس کی فائر وال، فراہم کنندہ۔",
	"Until it is over no site is reported as out of sight by itself, and no attack on one is seen.":                                            "جب تک یہ ختم نہ ہو، کوئی سائٹ الگ سے اوجھل نہیں بتائی جاتی، اور کسی پر حملہ نظر نہیں آتا۔",
	"An attack on a real site would not be told either. See what pasban status says of looks, queue and browser, and the log of pasban serve.": "اصل سائٹ پر حملے کی اطلاع بھی نہ آتی۔ دیکھیں pasban status معائنوں، قطار اور براؤزر کے بارے میں کیا کہتا ہے، اور pasban serve کا لاگ۔",
	"The canary stays attacked until its alarm comes; that is told, too.":                                                                      "آزمائشی صفحہ الارم آنے تک حملے کی حالت میں رہتا ہے؛ اس کی بھی اطلاع دی جاتی ہے۔",
	"Run pasban doctor on the machine that looks: it says what is missing, and how to mend it.":                                                "دیکھنے والی مشین پر pasban doctor چلائیں: یہ بتاتا ہے کیا کم ہے، اور کیسے درست ہو۔",
	"Looks come late. Add workers or machines, look at sites less often, or see what makes looks slow.":                                        "معائنے دیر سے ہوتے ہیں۔ مزید کارکن یا مشینیں لگائیں، سائٹس کم دیکھیں، یا دیکھیں معائنے سست کیوں ہیں۔",
	"Nothing is lost: alerts wait and are tried again. See pasban doctor, and the log of the mail server.":                                     "کچھ ضائع نہیں ہوا: اطلاعات منتظر ہیں اور دوبارہ بھیجی جاتی ہیں۔ pasban doctor اور میل سرور کا لاگ دیکھیں۔",
	"No look can be recorded without its evidence. See the disk or the object store that --blobs names.":                                       "شواہد کے بغیر کوئی معائنہ درج نہیں ہو سکتا۔ وہ ڈسک یا ذخیرہ دیکھیں جس کا نام \u2066--blobs\u2069 دیتا ہے۔",
	"Make room where --data is. Looks fail when it is full; nothing that was found is lost.":                                                   "جہاں \u2066--data\u2069 ہے وہاں جگہ بنائیں۔ بھر جانے پر معائنے ناکام ہوتے ہیں؛ جو مل چکا وہ ضائع نہیں ہوتا۔",
	"Update the package and start pasban again. Hostile pages know the holes of an old browser.":                                               "پیکیج تازہ کریں اور pasban دوبارہ شروع کریں۔ دشمن صفحات پرانے براؤزر کی کمزوریاں جانتے ہیں۔",
	"Evidence is dated by this clock. Let chrony or another service keep it, on every machine that works for Pasban.":                          "شواہد کی تاریخ اسی گھڑی سے ہے۔ پاسبان کی ہر مشین پر chrony یا کوئی اور خدمت اسے درست رکھے۔",
}
