package smtp

// groupWording is what a list of incidents says in one language, beside wording.
type groupWording struct {
	subject, subjectUpdate string // label, campaign, sites, institutions or new ones, severity
	title, titleUpdate     string
	lead                   string // sites, institutions, since
	shared, lines, sites   string
	kinds                  map[string]string // of what victims share
	states                 map[string]string
	alike                  string // of pictures
	fresh                  string // a victim not told of before
	advice                 []string
	stormSubject           string // label, alerts, severity
	stormTitle, stormLead  string
	stormLines             string
	stormAdvice            []string
	moreRows, more         string
	footer                 string
	campaign, inCampaign   string            // on the mail of one victim
	ended                  map[string]string // by what it was that ended: by whom, until, reason
	endedName              string
}

var englishGroups = groupWording{
	subject:       "[TLP:%s] Campaign %s: %d sites of %d institutions (%s)",
	subjectUpdate: "[TLP:%s] Campaign %s: %d sites, %d new (%s)",
	title:         "One campaign, %d sites",
	titleUpdate:   "One campaign, %d sites, %d of them new",
	lead:          "%d sites of %d institutions were attacked in the same way, the first on %s. Each institution has been written to about its own.",
	shared:        "What they share", lines: "The sites", sites: "%d sites",
	kinds: map[string]string{
		"signer": "The signature", "message": "The message", "script": "The same code (SHA-256)", "host": "The host it deals with",
		"page": "The same page (SHA-256)", "picture": "The same picture", "address": "The same server", "": "A trace",
	},
	states: map[string]string{
		"open": "open", "acknowledged": "acknowledged", "contained": "contained", "recovered": "in order again", "resolved": "closed",
	},
	alike: "The pages look the same.", fresh: "new",
	advice: []string{
		"Look for what the sites have in common: a server, a hosting provider, a content system or plugin, a contractor's account. That is where it came in, and where the next site will be hit.",
		"Call whoever runs it first. Ask for the logs to be kept and the way in to be closed before anything is restored.",
		"Search the logs of the other sites, and the network's, for the traces above.",
	},
	stormSubject: "[TLP:%s] Pasban: %d more alerts, the gravest %s",
	stormTitle:   "%d more alerts",
	stormLead:    "There was more to tell within a few minutes than single mails can carry. This list holds all of it; nothing on it is sent again.",
	stormLines:   "The alerts, the gravest first",
	stormAdvice: []string{
		"Begin at the top. What each alert rests on, its pictures included, is kept with its incident: ask the CERT for it by the number.",
		"If many of them stand on one server or under one account, begin there.",
	},
	moreRows: "%d more are listed in the plain text part of this mail.",
	more:     "%d more are not listed; they are kept with the incidents.",
	footer: "Sent by Pasban, which watches web sites for the CERT. Addresses are written so that nobody opens them by accident: " +
		"read hxxp as http and [.] as a dot. Do not visit the pages to check.",
	campaign: "Campaign", inCampaign: "%s: other sites were attacked in the same way",
	endedName: "Why only now",
	ended: map[string]string{
		"silence":     "Alerts were held by %s until %s (%s). That has ended, and the page is not in order.",
		"maintenance": "Alerts were held while work on the site was announced by %s until %s (%s). That has ended, and the page is not in order.",
		"planned":     "A change of the page was announced by %s until %s (%s). That has ended, and the page is not the approved one.",
		"over":        "Alerts were held by %s until %s (%s). That has ended.",
	},
}

var urduGroups = groupWording{
	subject:       "[TLP:%s] مہم %s: %[4]d اداروں کی %[3]d سائٹس (%[5]s)",
	subjectUpdate: "[TLP:%s] مہم %s: %d سائٹس، %d نئی (%s)",
	title:         "ایک ہی مہم، %d سائٹس",
	titleUpdate:   "ایک ہی مہم، %d سائٹس، جن میں سے %d نئی ہیں",
	lead:          "%[2]d اداروں کی %[1]d سائٹس پر ایک ہی طریقے سے حملہ ہوا؛ پہلا حملہ %[3]s کو ہوا۔ ہر ادارے کو اس کی اپنی سائٹ کے بارے میں الگ اطلاع دے دی گئی ہے۔",
	shared:        "ان میں کیا مشترک ہے", lines: "متاثرہ سائٹس", sites: "%d سائٹس",
	kinds: map[string]string{
		"signer": "دستخط", "message": "پیغام", "script": "ایک ہی کوڈ (SHA-256)", "host": "جس میزبان سے رابطہ ہے",
		"page": "ایک ہی صفحہ (SHA-256)", "picture": "ایک ہی تصویر", "address": "ایک ہی سرور", "": "نشان",
	},
	states: map[string]string{
		"open": "کھلا", "acknowledged": "زیرِ غور", "contained": "قابو میں", "recovered": "دوبارہ درست", "resolved": "بند",
	},
	alike: "صفحات ایک جیسے نظر آتے ہیں۔", fresh: "نئی",
	advice: []string{
		"دیکھیں کہ ان سائٹس میں کیا مشترک ہے: سرور، ہوسٹنگ کمپنی، سی ایم ایس یا پلگ اِن، کسی ٹھیکیدار کا اکاؤنٹ۔ داخلے کا راستہ وہیں ہے اور اگلی سائٹ بھی وہیں سے متاثر ہو گی۔",
		"سب سے پہلے اس کے ذمہ دار کو فون کریں۔ کہیں کہ لاگز محفوظ رکھے جائیں اور کچھ بھی بحال کرنے سے پہلے داخلے کا راستہ بند کیا جائے۔",
		"باقی سائٹس اور نیٹ ورک کے لاگز میں اوپر دیے گئے نشانات تلاش کریں۔",
	},
	stormSubject: "[TLP:%s] پاسبان: مزید %d اطلاعات، سب سے سنگین: %s",
	stormTitle:   "مزید %d اطلاعات",
	stormLead:    "چند منٹ میں اتنی اطلاعات جمع ہو گئیں کہ الگ الگ پیغام بھیجنا مناسب نہ تھا۔ یہ سب اس فہرست میں ہیں؛ ان میں سے کوئی دوبارہ نہیں بھیجی جائے گی۔",
	stormLines:   "اطلاعات، سب سے سنگین پہلے",
	stormAdvice: []string{
		"اوپر سے شروع کریں۔ ہر اطلاع کے شواہد اور تصویریں اس کے واقعے کے ریکارڈ میں محفوظ ہیں؛ واقعہ نمبر بتا کر سرٹ سے منگوا لیں۔",
		"اگر ان میں سے کئی ایک ہی سرور یا ایک ہی اکاؤنٹ پر ہوں تو وہیں سے شروع کریں۔",
	},
	moreRows: "مزید %d اس پیغام کے سادہ متن والے حصے میں درج ہیں۔",
	more:     "مزید %d یہاں درج نہیں؛ وہ واقعات کے ریکارڈ میں محفوظ ہیں۔",
	footer: "یہ پیغام پاسبان نے بھیجا ہے جو سرٹ کے لیے ویب سائٹس کی نگرانی کرتا ہے۔ پتے اس طرح لکھے گئے ہیں کہ " +
		"غلطی سے نہ کھلیں: hxxp کو http اور [.] کو نقطہ پڑھیں۔ تصدیق کے لیے صفحات خود نہ کھولیں۔",
	campaign: "مہم", inCampaign: "%s: دوسری سائٹس پر بھی اسی طریقے سے حملہ ہوا ہے",
	endedName: "اطلاع اب کیوں",
	ended: map[string]string{
		"silence":     "%s نے %s تک اطلاعات روکی ہوئی تھیں (%s)۔ یہ مدت ختم ہو گئی ہے اور صفحہ درست حالت میں نہیں۔",
		"maintenance": "%s نے %s تک سائٹ پر کام کا بتایا تھا، اس لیے اطلاعات روکی گئی تھیں (%s)۔ یہ مدت ختم ہو گئی ہے اور صفحہ درست حالت میں نہیں۔",
		"planned":     "%s نے %s تک صفحے میں تبدیلی کا بتایا تھا (%s)۔ یہ مدت ختم ہو گئی ہے اور صفحہ منظور شدہ نہیں۔",
		"over":        "%s نے %s تک اطلاعات روکی ہوئی تھیں (%s)۔ یہ مدت ختم ہو گئی ہے۔",
	},
}
