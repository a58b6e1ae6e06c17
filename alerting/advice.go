package alerting

// Advice says what to do in the first hour about an incident of this kind, in
// the order to do it, in English or in Urdu. An unknown kind gets the steps that
// are right for any. The steps follow the order of NIST SP 800-61: keep what
// shows what happened, contain, remove, recover, and tell; evidence comes first
// because restoring a site is what destroys it.
func Advice(kind, lang string) []string {
	steps := adviceEnglish
	if Language(lang) == Urdu {
		steps = adviceUrdu
	}
	if list, ok := steps[kind]; ok {
		return append([]string(nil), list...)
	}
	return append([]string(nil), steps["defacement"]...)
}

var adviceEnglish = map[string][]string{
	"defacement": {
		"Do not delete anything yet. Copy the whole web folder, the database and the web server's access and error logs to a disk that the server cannot write to, and note the time.",
		"Take the site out of view: show a static maintenance page or the last approved static copy. Do not simply restore a backup on the same server: whoever came in is likely to come in again.",
		"From a clean computer, change the passwords of the hosting panel, FTP or SSH, the CMS administrators and the database, and end all open sessions. Remove accounts and keys nobody knows.",
		"Look for what the attacker left: files changed in the last 30 days, scripts in upload folders, new scheduled tasks, changed .htaccess or web.config files. Note them for the investigation before you remove them.",
		"Look at every other site on the same server and under the same account. They share the same fate more often than not.",
		"Report to the CERT with the incident number below and the logs. Put the site back only after the way in is closed.",
	},
	"injection": {
		"Do not delete the code yet. Save the page's source, the changed files, the database and the web server's logs to a disk that the server cannot write to, and note the time.",
		"If visitors enter passwords, payments or personal data on this site, show a maintenance page now. What they type may be going to the attacker.",
		"Find where the code comes from: a template, a plugin, a database field, a tag manager, or a script loaded from another company. Compare the files with a clean release of your CMS.",
		"From a clean computer, change the passwords of the hosting panel, FTP or SSH, the CMS administrators and the database, and end all open sessions.",
		"Look in the logs for when the code first appeared, and work out who used the site since then. You may have to tell them.",
		"Look at every other site on the same server, then report to the CERT with the incident number below.",
	},
	"leak": {
		"Take the page or the file out of public view now, on the server itself. Hiding the link is not enough.",
		"Save a copy of what was public and the web server's access logs: they show who has fetched it, and from when.",
		"If passwords, keys or tokens were visible, treat them as stolen: replace them today, and check where they were used.",
		"Ask search engines to remove the address and its cached copy, and check that backups, old versions and folder listings do not show the same data.",
		"If personal data of citizens was visible, inform your head of department and your legal officer: there may be a duty to tell those concerned.",
		"Report to the CERT with the incident number below. Do not forward the data itself by mail.",
	},
	"lockdown": {
		"Read the reasons above: each one names what on the site still accepts changes.",
		"Switch it off at the web server or the firewall in front of it: logins, uploads, forms, comments and administration pages. Doing it in the CMS alone is not enough.",
		"If you believe a part must stay open, do not leave it open quietly: ask the CERT for a written exception and give the reason.",
		"Look in the access logs for logins and uploads since the order was given, and report any that nobody can explain.",
		"Tell the CERT when it is done. Pasban looks again by itself, and this incident recovers when the controls hold.",
	},
	"availability": {
		"Check from outside your own network, for example over a phone's mobile data, whether the site can be reached.",
		"Look at the simple causes first: power and line, an expired domain or certificate, a full disk, an unpaid hosting bill.",
		"If the server is up but slow or full of requests, keep the logs, ask your provider whether this is an attack (DDoS), and let them filter it.",
		"If the name leads to a wrong place, log in to the domain registrar from a clean computer, check the name servers, and change that password.",
		"If you cannot explain the outage within the hour, or anything looks altered, treat it as an attack: preserve the logs and report to the CERT with the incident number below.",
	},
}

var adviceUrdu = map[string][]string{
	"defacement": {
		"ابھی کوئی چیز حذف نہ کریں۔ ویب فولڈر، ڈیٹابیس اور ویب سرور کے تمام لاگز کی مکمل نقل کسی ایسی ڈسک پر محفوظ کریں جس تک سرور کی رسائی نہ ہو، اور وقت لکھ لیں۔",
		"سائٹ کو عوام کی نظر سے ہٹا دیں: مرمت کا سادہ صفحہ یا آخری منظور شدہ جامد نقل دکھائیں۔ اسی سرور پر صرف بیک اپ بحال کر دینا کافی نہیں؛ جو ایک بار اندر آیا ہے، وہ دوبارہ بھی آ سکتا ہے۔",
		"کسی محفوظ کمپیوٹر سے ہوسٹنگ پینل، ایف ٹی پی یا ایس ایس ایچ، سی ایم ایس کے منتظمین اور ڈیٹابیس کے پاس ورڈ بدلیں اور تمام کھلے سیشن ختم کریں۔ جن اکاؤنٹس اور کنجیوں کو کوئی نہیں پہچانتا، انہیں ہٹا دیں۔",
		"دیکھیں کہ حملہ آور پیچھے کیا چھوڑ گیا ہے: پچھلے 30 دنوں میں بدلی گئی فائلیں، اپ لوڈ فولڈروں میں اسکرپٹس، نئے طے شدہ کام (scheduled tasks)، اور ویب سرور کی بدلی ہوئی کنفیگریشن فائلیں۔ ہٹانے سے پہلے تفتیش کے لیے ان کا اندراج کر لیں۔",
		"اسی سرور اور اسی اکاؤنٹ پر موجود باقی تمام سائٹس بھی جانچیں؛ اکثر وہ بھی متاثر ہوتی ہیں۔",
		"نیچے دیے گئے واقعہ نمبر اور لاگز کے ساتھ سرٹ (CERT) کو اطلاع دیں۔ سائٹ اسی وقت بحال کریں جب حملہ آور کے داخلے کا راستہ بند ہو جائے۔",
	},
	"injection": {
		"ابھی یہ کوڈ حذف نہ کریں۔ صفحے کا سورس، بدلی ہوئی فائلیں، ڈیٹابیس اور ویب سرور کے لاگز کسی ایسی ڈسک پر محفوظ کریں جس تک سرور کی رسائی نہ ہو، اور وقت لکھ لیں۔",
		"اگر لوگ اس سائٹ پر پاس ورڈ، ادائیگی یا ذاتی معلومات درج کرتے ہیں تو فوراً مرمت کا صفحہ دکھائیں۔ ممکن ہے کہ ان کی درج کردہ معلومات حملہ آور تک پہنچ رہی ہوں۔",
		"معلوم کریں کہ کوڈ کہاں سے آ رہا ہے: ٹیمپلیٹ، پلگ اِن، ڈیٹابیس کا کوئی خانہ، ٹیگ مینیجر، یا کسی دوسری کمپنی کا اسکرپٹ۔ فائلوں کا موازنہ اپنے سی ایم ایس کے صاف نسخے سے کریں۔",
		"کسی محفوظ کمپیوٹر سے ہوسٹنگ پینل، ایف ٹی پی یا ایس ایس ایچ، سی ایم ایس کے منتظمین اور ڈیٹابیس کے پاس ورڈ بدلیں اور تمام کھلے سیشن ختم کریں۔",
		"لاگز سے معلوم کریں کہ یہ کوڈ پہلی بار کب ظاہر ہوا اور اس کے بعد کن لوگوں نے سائٹ استعمال کی۔ ممکن ہے کہ انہیں آگاہ کرنا ضروری ہو۔",
		"اسی سرور کی باقی تمام سائٹس بھی جانچیں، پھر نیچے دیے گئے واقعہ نمبر کے ساتھ سرٹ (CERT) کو اطلاع دیں۔",
	},
	"leak": {
		"یہ صفحہ یا فائل فوراً خود سرور پر عوام کی رسائی سے ہٹا دیں۔ صرف اس کا ربط چھپا دینا کافی نہیں۔",
		"جو کچھ ظاہر ہوا تھا اس کی نقل اور ویب سرور کے لاگز محفوظ کریں؛ ان سے پتا چلتا ہے کہ یہ معلومات کس نے اور کب سے حاصل کیں۔",
		"اگر پاس ورڈ، کنجیاں یا ٹوکن ظاہر ہوئے ہیں تو انہیں چوری شدہ سمجھیں: آج ہی بدل دیں اور دیکھیں کہ وہ کہاں کہاں استعمال ہوتے تھے۔",
		"سرچ انجنوں سے درخواست کریں کہ یہ پتا اور اس کی محفوظ شدہ نقل ہٹا دیں، اور یقینی بنائیں کہ بیک اپ، پرانے نسخوں یا فولڈر کی فہرستوں میں یہی معلومات نظر نہ آئیں۔",
		"اگر شہریوں کی ذاتی معلومات ظاہر ہوئی ہیں تو اپنے سربراہِ محکمہ اور قانونی افسر کو بتائیں؛ ممکن ہے کہ متاثرہ افراد کو آگاہ کرنا لازم ہو۔",
		"نیچے دیے گئے واقعہ نمبر کے ساتھ سرٹ (CERT) کو اطلاع دیں۔ ظاہر ہونے والی معلومات خود ای میل سے آگے نہ بھیجیں۔",
	},
	"lockdown": {
		"اوپر دی گئی وجوہات پڑھیں: ہر وجہ بتاتی ہے کہ سائٹ کا کون سا حصہ اب بھی تبدیلی قبول کر رہا ہے۔",
		"اسے ویب سرور پر یا اس کے آگے لگے فائر وال پر بند کریں: لاگ اِن، اپ لوڈ، فارم، تبصرے اور انتظامی صفحات۔ صرف سی ایم ایس میں بند کرنا کافی نہیں۔",
		"اگر آپ کے خیال میں کوئی حصہ کھلا رہنا ضروری ہے تو اسے خاموشی سے کھلا نہ چھوڑیں: سرٹ (CERT) سے تحریری استثنا لیں اور وجہ بتائیں۔",
		"لاگز میں دیکھیں کہ حکم کے بعد کون سے لاگ اِن اور اپ لوڈ ہوئے، اور جن کی کوئی وضاحت نہ ہو ان کی اطلاع دیں۔",
		"کام مکمل ہونے پر سرٹ کو بتائیں۔ پاسبان خود دوبارہ جانچ کرتا ہے، اور شرائط پوری ہوتے ہی یہ واقعہ بحال شمار ہوگا۔",
	},
	"availability": {
		"اپنے نیٹ ورک سے باہر، مثلاً موبائل ڈیٹا سے، دیکھیں کہ سائٹ کھلتی ہے یا نہیں۔",
		"پہلے سادہ وجوہات دیکھیں: بجلی اور لائن، ڈومین یا سرٹیفکیٹ کی میعاد ختم ہونا، ڈسک کا بھر جانا، ہوسٹنگ کا بل ادا نہ ہونا۔",
		"اگر سرور چل رہا ہے مگر سست ہے یا درخواستوں سے بھرا ہوا ہے تو لاگز محفوظ رکھیں، اپنے فراہم کنندہ سے پوچھیں کہ کیا یہ حملہ (DDoS) ہے، اور ان سے اسے روکنے کو کہیں۔",
		"اگر ڈومین کسی غلط جگہ لے جا رہا ہے تو کسی محفوظ کمپیوٹر سے ڈومین رجسٹرار میں لاگ اِن کریں، نیم سرورز جانچیں اور وہاں کا پاس ورڈ بدلیں۔",
		"اگر ایک گھنٹے میں وجہ معلوم نہ ہو، یا کوئی چیز بدلی ہوئی لگے، تو اسے حملہ سمجھیں: لاگز محفوظ کریں اور نیچے دیے گئے واقعہ نمبر کے ساتھ سرٹ (CERT) کو اطلاع دیں۔",
	},
}
