package console

import "fmt"

// say is a phrase in a language. The English phrase is its own key; where English shows
// something else than the word that the program uses, english has it. What is in neither
// list is shown as it is.
func say(lang, key string, args ...any) string {
	text := key
	if e, ok := english[key]; ok {
		text = e
	}
	if u, ok := urdu[key]; ok && lang == "ur" {
		text = u
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// english has words of the program as people say them.
var english = map[string]string{
	"false_alarm": "false alarm", "not_comparable": "not comparable", "benign": "changed, as pages do", "": "—",
	"planned": "planned change", "incident.false_alarm": "false alarm", "seen": "seen", "undo": "taken back",
}

// urdu has every phrase of the templates, and the words of the program.
var urdu = map[string]string{
	"a token has a name of at most %d characters, which says what it is for": "ٹوکن کا نام زیادہ سے زیادہ %d حروف کا ہو، جو بتائے کہ وہ کس لیے ہے", "a token may read or decide": "ٹوکن پڑھ سکتا ہے یا فیصلہ کر سکتا ہے",
	"a token holds for at most %d days": "ٹوکن زیادہ سے زیادہ %d دن چلتا ہے", "the account %s is disabled": "کھاتہ %s غیر فعال ہے", "an account with the role %s decides nothing; make a token that reads": "کردار %s کا کھاتہ فیصلے نہیں کرتا؛ پڑھنے والا ٹوکن بنائیں",
	"%s has %d tokens already; revoke one first": "%s کے پہلے ہی %d ٹوکن ہیں؛ پہلے ایک منسوخ کریں", "the token was revoked already": "ٹوکن پہلے ہی منسوخ ہو چکا ہے",
	"Your account": "آپ کا کھاتہ", "Password as it is": "موجودہ پاس ورڈ", "Change": "تبدیل کریں", "Second factor": "دوسرا عنصر",
	"Read this with an authenticator on your phone, or type the secret into it. Then type the code that it shows.": "اسے فون کی تصدیقی ایپ سے پڑھیں، یا راز اس میں درج کریں۔ پھر جو کوڈ وہ دکھائے یہاں لکھیں۔",
	"Code": "کوڈ", "Keep": "رکھیں", "Take it off": "ہٹائیں", "Set up": "ترتیب دیں", "A code is asked for whenever you sign in.": "ہر بار داخل ہوتے وقت کوڈ مانگا جاتا ہے۔",
	"Who has your password has your account. A code from your phone stops that.": "جس کے پاس آپ کا پاس ورڈ ہے اس کے پاس آپ کا کھاتہ ہے۔ فون کا کوڈ اسے روکتا ہے۔",
	"without the second factor": "دوسرے عنصر کے بغیر", "The password is a new one.": "پاس ورڈ نیا ہے۔", "Read the code with your phone.": "کوڈ فون سے پڑھیں۔",
	"From now on a code is asked for as well.": "اب سے کوڈ بھی مانگا جائے گا۔", "There is no second factor any more.": "اب کوئی دوسرا عنصر نہیں۔",
	"%d alike": "%d ایک جیسے", "%d as before": "%d پہلے جیسے", "%d attempts": "%d کوششیں", "A look failed": "ایک معائنہ ناکام رہا",
	"Accept": "قبول", "Accounts": "کھاتے", "Acknowledge": "نوٹس لیں", "Add": "شامل کریں", "All": "سب",
	"Approved": "منظور شدہ", "Approved looks": "منظور شدہ صورتیں", "At a glance": "ایک نظر میں", "Begin": "شروع کریں",
	"Blink": "جھپک", "Blur": "دھندلا", "Campaign": "مہم", "Close": "بند کریں",
	"Code, if the account has a second factor": "کوڈ، اگر کھاتے میں دوسرا عنصر ہو", "Contacts": "رابطے", "Contain": "محدود کریں",
	"Dark": "تاریک", "Earlier ones": "پہلے کے", "Every decision, newest first. The record is a chain: pasban audit verify checks it.": "ہر فیصلہ، تازہ ترین پہلے۔ یہ ریکارڈ ایک زنجیر ہے: pasban audit verify اسے جانچتا ہے۔",
	"False alarm": "غلط الارم", "Filter": "چھانیں", "Findings": "مشاہدات", "Forms": "فارم", "Full name": "پورا نام", "Give": "دیں",
	"Headers and certificate": "ہیڈر اور سند", "Ignore region": "حصہ نظرانداز", "Ignored regions": "نظرانداز حصے",
	"Incident": "واقعہ", "Incidents": "واقعات", "Institution": "ادارہ", "Institution, for its own account": "ادارہ، اس کے اپنے کھاتے کے لیے",
	"Keys": "کنجیاں", "Kind": "قسم", "Light": "روشن", "Links to new hosts": "نئے میزبانوں کے روابط", "Look now": "ابھی دیکھیں",
	"Maintenance, 3 h": "مرمت، ۳ گھنٹے", "Make": "بنائیں", "Make the first account. It administers the console; more accounts are made there.": "پہلا کھاتہ بنائیں۔ یہ کنسول کا انتظام کرتا ہے؛ مزید کھاتے وہیں بنتے ہیں۔",
	"Mark": "نشان", "Marks": "نشانات", "Mix": "آمیزش", "More": "مزید", "Name": "نام", "New account": "نیا کھاتہ", "New destinations": "نئی منزلیں",
	"New password": "نیا پاس ورڈ", "No look was approved yet.": "ابھی کوئی صورت منظور نہیں ہوئی۔", "No picture could be taken.": "تصویر نہیں لی جا سکی۔",
	"No.": "نمبر", "None.": "کوئی نہیں۔", "None. All is quiet.": "کوئی نہیں۔ سب پُرسکون ہے۔", "Note": "نوٹ",
	"Nothing waits for a decision here.": "یہاں کوئی فیصلہ باقی نہیں۔", "Nothing waits. Well done.": "کچھ باقی نہیں۔ شاباش۔", "Now": "اس وقت",
	"Onion": "تہہ در تہہ", "Open incidents": "کھلے واقعات", "Opened": "کھلا", "Owner": "ذمہ دار", "Part of the evidence cannot be read.": "شواہد کا کچھ حصہ پڑھا نہیں جا سکتا۔",
	"Password": "پاس ورڈ", "Password, at least %d characters": "پاس ورڈ، کم از کم %d حروف", "Pause": "روکیں", "Pictures": "تصاویر", "Put off": "مؤخر",
	"Queue": "قطار", "Reason": "وجہ", "Record": "ریکارڈ", "Region": "علاقہ", "Reopen": "دوبارہ کھولیں", "Resolve": "حل شدہ", "Resume": "جاری کریں",
	"Review": "جائزہ", "Role": "کردار", "Save": "محفوظ کریں", "Save the evidence": "شواہد محفوظ کریں", "Save the source as text": "ماخذ متن کے طور پر محفوظ کریں",
	"Schedule": "نظام الاوقات", "Screens": "صفحات", "Scripts": "اسکرپٹ", "Search": "تلاش", "Seen": "دیکھا گیا", "Seen well": "ٹھیک دیکھا گیا", "Severity": "شدت",
	"Side by side": "پہلو بہ پہلو", "Sign in": "داخل ہوں", "Sign out": "باہر جائیں", "Silences": "خاموشیاں", "Site": "سائٹ", "Sites": "سائٹس", "State": "حالت",
	"Swipe": "پردہ", "Text": "متن", "The look's own log": "معائنے کا اپنا لاگ", "The page as it was approved": "صفحہ جیسا منظور ہوا تھا", "The page as it was seen": "صفحہ جیسا دیکھا گیا",
	"There is no look on record for this.": "اس کا کوئی معائنہ ریکارڈ پر نہیں۔", "Those that are open.": "جو کھلے ہیں۔", "Tier": "درجہ", "Timeline": "ترتیبِ وقت",
	"To accept a look against an incident takes a lead.": "واقعے کے خلاف صورت قبول کرنا سربراہ کا کام ہے۔", "To be decided": "فیصلہ طلب", "To the content": "مواد پر جائیں", "To the wall": "دیوار پر",
	"Told": "اطلاع دی گئی", "Undo": "واپس لیں", "Views": "منظر", "Wall": "دیوار", "Watch": "نگرانی", "Welcome to Pasban": "پاسبان میں خوش آمدید",
	"What": "کیا", "What changed": "کیا بدلا", "What changed, in colour": "جو بدلا، رنگ میں", "When": "کب", "Who": "کون", "Who was told": "کسے اطلاع دی گئی", "Width": "چوڑائی",
	"accept as the approved look": "منظور شدہ صورت کے طور پر قبول", "against the evidence; the reason says why": "شواہد کے خلاف؛ وجہ درج کریں",
	"and %d more": "اور %d مزید", "and for all %d that are alike": "اور ایک جیسے تمام %d کے لیے", "any": "کوئی بھی", "any kind": "ہر قسم", "any region": "ہر علاقہ",
	"any severity": "ہر شدت", "any state": "ہر حالت", "any tier": "ہر درجہ", "blur on and off": "دھندلاہٹ چالو اور بند", "by": "بذریعہ", "by nobody yet": "ابھی کسی نے نہیں", "Title": "عنوان", "Only its beginning is shown.": "صرف ابتدائی حصہ دکھایا گیا ہے۔", "by the CERT": "سرٹ کی طرف سے",
	"changed": "بدلا ہوا", "confirm as an incident": "واقعے کے طور پر تصدیق", "disabled": "غیر فعال", "false alarm": "غلط الارم",
	"go to the wall, the queue, the incidents": "دیوار، قطار، واقعات پر جائیں", "gone": "غائب", "good": "ٹھیک", "hidden": "پوشیدہ",
	"ignore a region: draw it, or take the finding's": "حصہ نظرانداز کریں: خود کھینچیں یا مشاہدے کا لیں", "incident": "واقعہ", "live": "براہِ راست", "new": "نیا", "new host": "نیا میزبان",
	"next, previous": "اگلا، پچھلا", "nobody": "کوئی نہیں", "not connected": "رابطہ نہیں", "on an incident: acknowledge, resolve": "واقعے پر: نوٹس لیں، حل کریں",
	"open": "کھلا", "open incidents": "کھلے واقعات", "opened": "کھلا", "paused": "رکا ہوا", "put off": "مؤخر", "put off for an hour": "ایک گھنٹے کے لیے مؤخر",
	"seen in time": "بروقت دیکھے گئے", "side by side, onion, swipe, blink": "پہلو بہ پہلو، تہہ، پردہ، جھپک", "sites": "سائٹس", "stale": "نظر سے اوجھل",
	"true size, whole width": "اصل پیمانہ، پوری چوڑائی", "undo the last decision": "آخری فیصلہ واپس لیں", "until": "تک", "version %d": "نسخہ %d",
	"wait for a decision": "فیصلے کے منتظر", "what changed": "کیا بدلا",

	"defacement": "صفحے کی تبدیلی", "injection": "داخل کردہ کوڈ", "leak": "ڈیٹا کا افشا", "lockdown": "لاک ڈاؤن", "availability": "دستیابی", "": "—",
	"critical": "انتہائی", "high": "زیادہ", "medium": "درمیانی", "low": "کم",
	"acknowledged": "نوٹس لیا گیا", "contained": "محدود", "resolved": "حل شدہ", "false_alarm": "غلط الارم",
	"federal": "وفاقی", "banking": "بینکاری", "provincial": "صوبائی", "territory": "علاقائی", "private": "نجی",
	"unchanged": "جوں کا توں", "benign": "معمول کی تبدیلی", "suspicious": "مشکوک", "alert": "الارم", "not_comparable": "قابلِ موازنہ نہیں",
	"pending": "منتظر", "sending": "بھیجا جا رہا ہے", "sent": "بھیجا گیا", "failed": "ناکام", "held": "روکا گیا", "grouped": "فہرست میں", "withheld": "نہیں بھیجا گیا",
	"silence": "خاموشی", "maintenance": "مرمت", "planned": "طے شدہ تبدیلی",
	"institution": "ادارہ", "viewer": "ناظر", "analyst": "تجزیہ کار", "lead": "سربراہ", "administrator": "منتظم",
	"in the server's log": "سرور کے لاگ میں", "%d times, last %s": "%d بار، آخری بار %s",
	"%d more findings of the logs are not shown":            "لاگز کے مزید %d نکات یہاں نہیں دکھائے گئے۔",
	"%d older findings of this site gave way to newer ones": "اس سائٹ کے لاگز کے %d پرانے نکات نئے نکات کو جگہ دینے کے لیے ہٹا دیے گئے۔",
	"seen": "دیکھا گیا", "over": "ختم", "recovered": "بحال", "reopen": "دوبارہ کھولا", "note": "نوٹ", "assign": "ذمہ داری", "undo": "واپس لیا گیا",
	"never": "کبھی نہیں", "%s ago": "%s پہلے", "%d s": "%d سیکنڈ", "%d min": "%d منٹ", "%d h": "%d گھنٹے", "%d d": "%d دن",
	"%s: accepted as it is now": "%s: موجودہ صورت قبول", "%s: confirmed as an incident": "%s: واقعے کے طور پر تصدیق", "%s: no attack": "%s: حملہ نہیں",
	"%s: the region is ignored from now on": "%s: یہ حصہ اب سے نظرانداز", "%s: put off": "%s: مؤخر", "%s, and %d like it": "%s، اور اس جیسے %d",
	"%s; %d could not be decided": "%s؛ %d پر فیصلہ نہ ہو سکا", "%s: recorded": "%s: درج ہوا", "%s: a look is on its way": "%s: معائنہ راستے میں ہے", "Incident %d: recorded": "واقعہ %d: درج ہوا",
	"Taken back. The record keeps both.":           "واپس لیا گیا۔ ریکارڈ میں دونوں رہیں گے۔",
	"The name, the password or the code is wrong.": "نام، پاس ورڈ یا کوڈ غلط ہے۔", "Too many attempts. Wait a minute, then try again.": "بہت زیادہ کوششیں۔ ایک منٹ ٹھہر کر دوبارہ کوشش کریں۔",
	"This link was used already, or is none of this console.": "یہ لنک استعمال ہو چکا ہے، یا اس کنسول کا نہیں۔",
	"Something of ours failed. It is in the log; try again.":  "ہماری طرف کچھ ناکام ہوا۔ لاگ میں ہے؛ دوبارہ کوشش کریں۔", "There is no such thing, or it is gone.": "ایسی کوئی چیز نہیں، یا اب نہیں رہی۔", "Your account may not do this.": "آپ کے کھاتے کو اس کی اجازت نہیں۔",

	// Titles of problems, and refusals: the phrases of monitor.Refuse.
	"Not Found":                      "نہیں ملا",
	"Forbidden":                      "اجازت نہیں",
	"Conflict":                       "رد ہوا",
	"Internal Server Error":          "اندرونی خرابی",
	"there is an account %s already": "%s نام کا کھاتہ پہلے سے ہے",
	"there is an account already":    "ایک کھاتہ پہلے سے ہے",
	"a name has 2 to 40 small letters, digits, dots and dashes": "نام میں ۲ سے ۴۰ چھوٹے انگریزی حروف، ہندسے، نقطے اور ڈیش ہوتے ہیں",
	"there is no role %q":                                          "%q کوئی کردار نہیں",
	"the language is en or ur":                                     "زبان en یا ur ہے",
	"an institution belongs to the role %s, and to no other":       "ادارہ صرف «%s» کے کردار کے ساتھ ہوتا ہے",
	"%s is the last administrator":                                 "%s آخری منتظم ہے",
	"incident %d is %s":                                            "واقعہ %d کی حالت «%s» ہے",
	"incident %d was made %s meanwhile":                            "اس دوران واقعہ %d کی حالت «%s» کر دی گئی",
	"incident %d is open":                                          "واقعہ %d کھلا ہے",
	"%s has the open incident %d already; go on there":             "%s کا واقعہ %d پہلے سے کھلا ہے؛ وہیں جاری رکھیں",
	"a note has 1 to %d characters":                                "نوٹ میں ۱ سے %d حروف ہوتے ہیں",
	"an incident of %s was opened or closed meanwhile; look again": "اس دوران %s کا کوئی واقعہ کھلا یا بند ہوا؛ دوبارہ دیکھیں",
	"somebody has answered this already":                           "اس کا جواب کوئی پہلے ہی دے چکا ہے",
	"a region lies on the picture and has a size":                  "حصہ تصویر کے اندر ہو اور اس کا کچھ سائز ہو",
	"%s has %d ignored regions already":                            "%s کے %d حصے پہلے ہی نظرانداز ہیں",
	"a thing is put off for up to %d days":                         "زیادہ سے زیادہ %d دن کے لیے مؤخر کیا جا سکتا ہے",
	"%s is not watched any more":                                   "%s کی نگرانی اب نہیں ہوتی",
	"%s needs somebody who decides it":                             "%s کے لیے فیصلہ کرنے والا درکار ہے",
	"a reason has at most %d characters":                           "وجہ میں زیادہ سے زیادہ %d حروف ہوتے ہیں",
	"this look cannot be compared with later ones, so that it cannot be the approved one": "اس صورت کا بعد کی صورتوں سے موازنہ نہیں ہو سکتا، اس لیے یہ منظور شدہ نہیں بن سکتی",
	"to force an approval, say why":                                                                             "شواہد کے خلاف منظوری کی وجہ درج کریں",
	"%s has no look that can be compared yet; run a sweep first":                                                "%s کی ابھی کوئی قابلِ موازنہ صورت نہیں؛ پہلے ایک معائنہ ہونے دیں",
	"%s has the open incident %d (%s); resolve it first, or force the approval and say why":                     "%s کا واقعہ %d کھلا ہے (%s)؛ پہلے اسے حل کریں، یا شواہد کے خلاف منظور کریں اور وجہ درج کریں",
	"the newest look at %s shows evidence of an attack (%s: %s); force the approval if it is none, and say why": "%s کی تازہ ترین صورت میں حملے کے شواہد ہیں (%s: %s)؛ اگر حملہ نہیں تو شواہد کے خلاف منظور کریں اور وجہ درج کریں",
	"the evidence of capture %s is not on record":                                                               "معائنہ %s کے شواہد ریکارڈ پر نہیں",
	"incident %d is %s already":                                                                                 "واقعہ %d کی حالت پہلے ہی «%s» ہے",
	"what was decided more than %d hours ago is decided anew":                                                   "%d گھنٹے سے پرانا فیصلہ واپس نہیں ہوتا، نئے سرے سے کیا جاتا ہے",
	"it has been taken back already":                                                                            "یہ پہلے ہی واپس لیا جا چکا ہے",
	"it is part of incident %d; close that one":                                                                 "یہ واقعہ %d کا حصہ ہے؛ اسے بند کریں",
	"%s cannot be taken back":                                                                                   "%s واپس نہیں لیا جا سکتا",
	"an earlier pasban decided this, and did not note what was before":                                          "یہ فیصلہ پاسبان کے پرانے نسخے میں ہوا، جس نے پچھلی حالت درج نہیں کی",
	"incident %d is %s since":                                                                                   "تب سے واقعہ %d کی حالت «%s» ہے",
	"the incident has gone on since":                                                                            "تب سے واقعہ آگے بڑھ چکا ہے",
	"%s has been approved anew since, or there was no look before it":                                           "تب سے %s کی نئی صورت منظور ہو چکی ہے، یا اس سے پہلے کوئی صورت نہ تھی",
	"%s was approved anew meanwhile":                                                                            "اس دوران %s کی نئی صورت منظور ہو گئی",
	"a silence needs a reason, of at most %d characters":                                                        "خاموشی کی وجہ درکار ہے، زیادہ سے زیادہ %d حروف",
	"there is no such decision":                                                                                 "ایسا کوئی فیصلہ نہیں",
	"there is no such change":                                                                                   "ایسی کوئی تبدیلی نہیں",
	"a region is drawn on one page and ignored on that one":                                                     "حصہ ایک صفحے پر کھینچا جاتا ہے اور اسی پر نظرانداز ہوتا ہے",
	"%d sites are too many for one decision; narrow the queue to %d of them":                                    "ایک فیصلے کے لیے %d سائٹس بہت زیادہ ہیں؛ قطار کو %d تک محدود کریں",
	"nothing is asked about this look":                                                                          "اس صورت کے بارے میں کوئی سوال نہیں",
	"draw the region to ignore first":                                                                           "پہلے وہ حصہ کھینچیں جسے نظرانداز کرنا ہے",
	"nothing to take back":                                                                                      "واپس لینے کو کچھ نہیں",
	"the password is wrong":                                                                                     "پاس ورڈ غلط ہے",
	"too many attempts: wait a minute, then try again":                                                          "بہت زیادہ کوششیں: ایک منٹ ٹھہر کر دوبارہ کوشش کریں",
	"there is a second factor; take it off first":                                                               "دوسرا عنصر موجود ہے؛ پہلے اسے ہٹائیں",
	"this is not the code that the phone should show":                                                           "یہ وہ کوڈ نہیں جو فون کو دکھانا چاہیے",
	"a password has %d to %d characters":                                                                        "پاس ورڈ میں %d سے %d حروف ہوتے ہیں",
}
