package compare

// What stands beside a phrase tells who says it: the intruder, or somebody who
// tells of him.

// deictic are the words by which an intruder points at the page he writes on. They
// begin his sentence where the verb comes last.
var deictic = foldedSet("this", "your", "یہ", "اس", "آپ", "آپکی", "آپکا", "تمہاری", "ہماری", "yeh", "ye", "is", "aap", "ap", "aapki", "apki", "tumhari", "bu", "siteniz", "sitenizi", "यह", "ये", "इस", "आपकी", "आपका", "तुम्हारी", "এই", "আপনার", "আপনাদের", "তোমাদের",
	"این", "توسط", "هن", "هي", "هيءَ", "توهان", "اوهان", "دا", "دغه", "ستاسو", "ستاسې")

func foldedSet(words ...string) map[string]bool {
	m := map[string]bool{}
	for _, w := range words {
		m[joinWords(foldWords(w))] = true
	}
	return m
}

// leads are words that may stand before a claim without making it a report about
// somebody else: "this site was hacked by".
var leads = foldedSet("this", "site", "website", "page", "web", "system", "has", "been", "is", "are", "was", "got", "get", "your", "you", "u", "ur", "r", "have", "we", "i", "now", "just", "oops",
	"ooops", "by", "the", "server", "admin", "sorry", "hello", "hi", "hey", "lol", "haha", "and", "owned", "hacked", "pwned", "defaced", "rooted", "opps", "warning", "attention", "dear", "all", "again", "officially", "proudly", "successfully", "security", "x",
	"tumhari", "teri", "aap", "ap", "ki", "apki", "aapki", "ye", "yeh", "is", "ab", "hum", "humne", "siteniz", "bu", "seu", "sua", "este", "esta", "esse", "o", "foi", "su", "tu", "sitio", "pagina", "ha", "sido", "fue", "votre", "ce", "a", "ete", "diese", "seite", "wurde", "situs", "anda", "ini", "telah", "sudah", "laman", "kami", "halo", "hai", "maaf",
	"ваш", "этот", "сайт", "был", "мы", "я", "привет", "админ", "لقد", "قد", "تم", "هذا", "الموقع", "موقعكم", "موقعك", "من", "این", "سایت", "وبسایت", "شما", "ما", "یہ", "سائٹ", "ویب", "ویبسائٹ", "آپ", "کی", "ہم", "نے", "یه", "वेबसाइट", "साइट", "यह", "आपकी", "এই", "সাইট", "ওয়েবসাইট")

// conditions begin the sentences of those who give advice.
var conditions = foldedSet("if", "when", "whether", "how", "what", "why", "should", "once", "case", "after", "before", "signs", "think", "believe", "suspect", "that", "because", "until", "unless", "whenever",
	"اگر", "جب", "اذا", "إذا", "عندما", "لو", "کیسے", "کیا", "जब", "अगर", "यदि", "যদি", "jika", "apabila", "bila", "kalau", "ketika", "eğer", "agar", "jab", "se", "si", "cuando", "quando", "caso", "если", "когда", "wenn", "falls", "nếu")

// someone are the common nouns that reports put where a signature has a name.
var someone = foldedSet("hacker", "hackers", "hackerlar", "hackerler", "korsanlar", "korsanları", "kişiler", "kişi", "saldırgan", "saldırganlar", "ہیکر", "ہیکرز", "ہیکروں", "ملزم", "ملزمان", "نامعلوم", "گروہ", "افراد", "بھارتی", "چینی", "روسی", "گروپ", "هکر", "هکرها", "مهاجمان", "مهاجم", "گروهی", "ناشناس", "نامعلوم",
	"هکران", "هيڪرز", "هيڪرن", "نامعلوم", "ڪجهه", "هکرانو", "नामालूम", "अज्ञात", "हैकर", "हैकर्स", "हैकरों", "चोर", "ठग", "हमलावर", "হ্যাকার", "হ্যাকাররা", "অজ্ঞাত", "দুর্বৃত্তরা", "কেউ", "কে", "who", "someone", "unknown", "hackeron", "kisi", "naamaloom", "namaloom", "chor")

// vague are the words by which reports go on after "hacked by".
var vague = foldedSet("a", "an", "some", "someone", "somebody", "suspected", "alleged", "unidentified", "cybercriminals", "criminals", "attackers", "scammers", "phishing", "foreign", "state", "threat", "malicious", "fraudsters", "un", "une", "uno", "um", "uma", "einem", "einer", "unbekannten", "desconocidos", "desconhecidos",
	"неизвестными", "неизвестные", "хакерами", "злоумышленниками", "hacker", "hackers", "peretas", "pihak", "oknum", "مجهولين", "قراصنة", "هكر", "افراد", "هکرها", "هکرهای", "گروهی", "چند")

// reporting are the words of those who tell of a break-in: the police, ministries,
// newspapers, response teams.
var reporting = foldedSet("said", "says", "told", "reported", "reportedly", "according", "police", "arrest", "arrested", "officials", "official", "spokesman", "spokesperson", "spokeswoman", "authorities", "investigation", "investigating", "investigators", "allegedly", "minister", "court", "restored", "advisory", "advisories",
	"victim", "victims", "researchers", "researcher", "claimed", "claims", "suspect", "suspects", "accused", "fir", "incident", "incidents", "mitigation", "recommendations", "cve", "vulnerabilities", "guidance", "guidelines", "precaution", "precautions", "awareness", "explained", "journalists", "newspaper", "sentenced", "convicted", "statement",
	"ترجمان", "پولیس", "گرفتار", "گرفتاری", "مطابق", "ملزم", "ملزمان", "حکام", "وزیر", "تحقیقات", "متاثرہ", "ذرائع", "بحال", "عدالت", "مقدمہ", "رپورٹ", "بتایا", "ایڈوائزری", "احتیاطی",
	"الشرطة", "المتحدث", "متحدث", "اعتقال", "اعتقلت", "القبض", "وزير", "تحقيق", "التحقيق", "بحسب", "وفقا", "أعلنت", "اعلنت", "مصادر", "السلطات", "تقرير", "المحكمة", "الحادث", "أفادت",
	"پلیس", "سخنگو", "سخنگوی", "دستگیر", "گزارش", "گفته", "وزیر", "دادگاه", "متهم", "متهمان", "خبرگزاری", "پوليس", "ترجمان", "وياندوی", "ونیول", "پولیسو",
	"polisi", "polri", "ditangkap", "tersangka", "kata", "menurut", "juru", "pelaku", "kominfo", "bssn", "menteri", "dilaporkan", "pihaknya", "siaran", "polis", "polisi", "gözaltı", "gözaltına", "bakanlığı", "açıkladı", "açıklamada", "iddia", "soruşturma", "savcılık", "yakalandı",
	"policía", "policia", "según", "segundo", "detenido", "detenidos", "preso", "presos", "investigación", "investigação", "ministerio", "ministério", "fiscalía", "autoridades", "portavoz", "disse", "dijo", "informó", "informou", "denuncia",
	"полиция", "полиции", "сообщил", "сообщила", "сообщили", "сообщает", "задержан", "задержаны", "следствие", "мвд", "данным", "рассказал", "суд", "возбуждено", "полицейские",
	"पुलिस", "गिरफ्तार", "मंत्रालय", "प्रवक्ता", "अनुसार", "बताया", "आरोपी", "जांच", "अधिकारी", "অভিযোগ", "পুলিশ", "গ্রেপ্তার", "গ্রেফতার", "মন্ত্রণালয়", "জানিয়েছে", "জানান", "তদন্ত", "আদালত",
	"selon", "arrêté", "arrêtés", "enquête", "ministère", "laut", "polizei", "festgenommen", "ermittlungen", "công", "cảnh")

// gangs are the words that intruders put behind their names.
var gangs = foldedSet("team", "crew", "cr3w", "squad", "army", "hackers", "hacker", "haxor", "haxors", "hax0r", "cyber", "cyb3r", "anonymous", "anon", "defacer", "defacers", "underground", "blackhat", "1337", "exploit", "ghost", "legion", "syndicate", "ransomware", "exploiter", "pentester", "sec")
