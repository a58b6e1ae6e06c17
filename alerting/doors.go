package alerting

// What a lockdown finds open, in Urdu: by the ID of the control, as package lockdown has
// them in English. Alert and notice use the same sentences, so that an institution reads
// of one door in one way.

// Door is the name of a control in a language, the ID itself where there is none.
func Door(control, lang string) string {
	if d, ok := doorsUrdu[control]; ok && Language(lang) == Urdu {
		return d.name
	}
	return control
}

// OpenDoor says in a language that a control is open, "" where there is no sentence: then
// the English one of the finding is better than none.
func OpenDoor(control, lang string) string {
	if Language(lang) != Urdu {
		return ""
	}
	return doorsUrdu[control].open
}

// Doors lists the controls that have words in Urdu.
func Doors() []string {
	out := make([]string, 0, len(doorsUrdu))
	for id := range doorsUrdu {
		out = append(out, id)
	}
	return out
}

var doorsUrdu = map[string]struct{ name, open string }{
	"login":    {"لاگ اِن", "صفحے پر ایسا لاگ اِن موجود ہے جسے استعمال کیا جا سکتا ہے۔"},
	"upload":   {"اپ لوڈ", "صفحہ لوگوں سے فائلیں وصول کر رہا ہے۔"},
	"form":     {"فارم", "صفحے پر ایسا فارم موجود ہے جسے استعمال کیا جا سکتا ہے۔"},
	"comment":  {"تبصرے", "صفحے پر تبصرے کیے جا سکتے ہیں۔"},
	"search":   {"تلاش", "صفحے پر تلاش کا ایسا خانہ موجود ہے جسے استعمال کیا جا سکتا ہے۔"},
	"chat":     {"چیٹ", "صفحے پر چیٹ کی سہولت موجود ہے۔"},
	"script":   {"فارم بنانے والے اسکرپٹ", "صفحے کا ایک اسکرپٹ فارم بناتا یا بھیجتا ہے۔"},
	"method":   {"تبدیلی کی درخواستیں", "سرور تبدیلی کی درخواستیں قبول کر رہا ہے۔"},
	"backend":  {"انتظامی صفحات", "ایک انتظامی صفحے تک ہر جگہ سے پہنچا جا سکتا ہے۔"},
	"shell":    {"ویب شیل", "سرور پر ایسا صفحہ موجود ہے جو کسی حملہ آور کا چھوڑا ہوا خفیہ راستہ (web shell) لگتا ہے۔"},
	"listing":  {"فولڈروں کی فہرست", "سرور کا ایک فولڈر اپنی فائلوں کی فہرست سب کو دکھا رہا ہے۔"},
	"database": {"ڈیٹابیس میں اندراج", "سائٹ ہر آنے والے کے لیے سیشن محفوظ کر رہی ہے۔"},
	"outdated": {"پرانا سافٹ ویئر", "سائٹ ایسے سافٹ ویئر پر چل رہی ہے جسے اب سکیورٹی اپ ڈیٹس نہیں ملتیں۔"},
	"version":  {"ورژن کا اظہار", "سرور سب کو بتا رہا ہے کہ اس پر کون سا ورژن چل رہا ہے۔"},
	"cdn":      {"CDN یا WAF", "سائٹ کے آگے کوئی CDN یا WAF نظر نہیں آتا۔"},
	"origin":   {"CDN کے پیچھے کا سرور", "CDN کے پیچھے موجود سرور تک براہِ راست پہنچا جا سکتا ہے۔"},
	"tls":      {"TLS", "سائٹ ایسے محفوظ رابطے (TLS) پر نہیں کھلتی جس پر براؤزر بھروسا کریں۔"},
	"hsts":     {"HSTS", "سائٹ براؤزروں سے نہیں کہتی کہ وہ ہمیشہ محفوظ رابطہ (HSTS) استعمال کریں۔"},
	"csp":      {"Content-Security-Policy", "صفحے پر ایسی Content-Security-Policy نہیں ہے جو دوسروں کے اسکرپٹ کو روکے۔"},
	"headers":  {"سکیورٹی ہیڈر", "وہ ہیڈر موجود نہیں جو سائٹ پر آنے والوں کی حفاظت کرتے ہیں۔"},
	"others":   {"دوسروں کے اسکرپٹ", "صفحہ دوسری کمپنیوں کے اسکرپٹ چلا رہا ہے۔"},
	"contact":  {"security.txt", "سائٹ پر رابطے کی معلومات والی درست security.txt فائل موجود نہیں۔"},
}
