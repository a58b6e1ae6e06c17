package compare

// arabicScriptPhrases are of the languages that are written in Arabic letters, and
// Roman Urdu. Word joints are written both ways ("ویب سائٹ", "ویبسائٹ").
var arabicScriptPhrases = []phraseSource{
	// Urdu
	{class: claim, last: true, texts: []string{"نے ہیک {کر|کیا|کی|کرلی|کرلیا|کردی|کردیا|شدہ}", "نے {یہ|اس|اسے|آپ کی|آپکی} {ویب سائٹ|ویبسائٹ|سائٹ|سائیٹ|ویب سائیٹ|} {|کو }ہیک", "{کی طرف سے|کی جانب سے|کے ذریعے|کے ہاتھوں} {|یہ |مکمل }ہیک", "نے ہیکڈ"}},
	{class: claim, texts: []string{"ہیک کردہ {از|بذریعہ|منجانب}", "ہیک شدہ {از|بذریعہ|منجانب|بدست|بہ دست}", "{ہیکڈ|ہیکد|ہیک|ہیکٹ} {بائی|بای|بائ}", "ہیکر کا پیغام", "{ہم|میں} نے {یہ|اس|آپ کی|آپکی|تمہاری|تمھاری} {ویب سائٹ|ویبسائٹ|سائٹ|سائیٹ|ویب سائیٹ} {|کو |مکمل طور پر }ہیک"}},
	{class: bare, texts: []string{"{|سائٹ |ویب سائٹ |ویبسائٹ |یہ سائٹ |یہ ویب سائٹ }{ہیکڈ|ہیک شدہ|ہیک ہو گئی|ہیک ہوگئی|ہیک}"}},
	{class: address, texts: []string{"{آپ کی|آپکی|تمہاری|تمھاری|یہ|اس|آپ کا|آپکا|آپ کے} {ویب سائٹ|ویبسائٹ|سائٹ|سائیٹ|ویب سائیٹ|سسٹم|سرور|پورٹل|ڈیٹا|صفحہ} {|کو |اب |مکمل طور پر }ہیک", "{ویب سائٹ|ویبسائٹ|سائٹ|سائیٹ|سسٹم|سرور} {|اب |مکمل طور پر }{ہمارے قبضے میں|ہمارے کنٹرول میں|ہماری ہے|ہماری گرفت میں}", "{آپ کا|آپکا|تمہارا|تمھارا|آپ کی} {ڈیٹا|سسٹم|سرور|معلومات} {|سارا |تمام |اب |مکمل طور پر }{ہمارے|ہم}", "ہم نے {آپ|تم|آپ کو|تمہیں} {کو |}ہیک", "{ہمارے|ہمارا} {پاس |}{آپ کا|تمہارا|آپ کی} {تمام |سارا |}{ڈیٹا|معلومات}", "ہم {آپ کا|تمہارا|سارا|آپ کی} ڈیٹا {لیک|جاری|شائع|عام|فروخت}", "آپ {کو |}ہیک {ہو|کر} {چکے|گئے|لیا|دیا}"}},
	{class: boast, texts: []string{"ہم ہر جگہ {ہیں|موجود ہیں}", "{ہمارا|ہم سے} انتظار کرو", "ہمارا انتظار {کریں|کیجیے}", "ہم {پھر|دوبارہ|واپس|جلد} {|ضرور |واپس }{آئیں گے|آئینگے|لوٹیں گے}", "ہم {نہ|نہیں} {بھولتے|بھولیں گے} {نہ|اور نہ} معاف", "ہم معاف نہیں کرتے", "ہم بھولتے نہیں", "{ہمیں|ہمارا نام} یاد رکھنا", "کوئی {سسٹم|ویب سائٹ|نظام|سرور} محفوظ نہیں", "ہم کسی سے نہیں ڈرتے", "ہم تمہیں دیکھ رہے ہیں", "ہم آپ کو دیکھ رہے ہیں", "یہ تو ابھی شروعات ہے", "یہ صرف {شروعات|ٹریلر|آغاز} ہے", "بدلہ لیا جائے گا", "ہمارا بدلہ"}, within: 150},
	{class: taunt, texts: []string{"{آپ|تمہاری|تمھاری|آپ کی|آپکی|اپنی} {|کی |ویب سائٹ کی |سائٹ کی }{سیکیورٹی|سیکورٹی|سکیورٹی|سیکیوریٹی} {|بہت |انتہائی |بالکل }{کمزور|صفر|زیرو|بیکار|خراب|ناقص|بہتر|ٹھیک|مضبوط کرو|فیل}", "{سیکیورٹی|سیکورٹی|سکیورٹی} {صفر|زیرو|کہاں ہے|فیل}", "{اپنی|اپنا} {سیکیورٹی|سیکورٹی|سکیورٹی|سسٹم|ویب سائٹ|سرور} {بہتر|ٹھیک|درست|محفوظ} {کرو|کر لو|کریں ایڈمن|کرلو}", "{ایڈمن|ایڈمین|ویب ماسٹر} {|صاحب |جی |بھائی }{جاگو|سو رہا|سو رہے|سوتے|معذرت|سوری|ہوش|اٹھو|کہاں|تم|کے نام|کیلئے|کے لیے|اپنی}", "{جاگو|معذرت|سوری|ہیلو|السلام علیکم|محترم|پیارے} ایڈمن", "ادمن"}, within: 80},
	{class: crew, texts: []string{"{ہیکرز|ہیکر|سائبر} {ٹیم|آرمی|گروپ|کریو|فورس|بریگیڈ|سکواڈ}", "سائبر {مجاہدین|لشکر|فوج}"}},
	// The same without saying who did it, as news say it too.
	{class: address, last: true, texts: []string{"ہیک {کر|کی|کیا|ہو} {لیا گیا|دیا گیا|لی گئی|دی گئی|گئی|گیا|گئی ہے|چکی|چکا|گیا ہے}"}},

	{class: tag, last: true, sure: true, within: 10, texts: []string{"یہاں {تھا|تھے|تھی|آیا تھا|آئے تھے}", "{yahan|yahaan|idhar} {tha|thay|the|thi|aya tha|aaye thay}", "{اینجا|این جا} {بود|بودند|بودیم}", "هتي {هو|هئا}", "دلته و", "यहाँ {था|थे|थी|आया था|आए थे}", "यहां {था|थे|आए थे}", "এখানে {ছিল|ছিলাম|এসেছিল|এসেছিলাম}", "{pernah|sempat} {di sini|disini|mampir|singgah}"}},
	{class: tag, sure: true, within: 10, texts: []string{"{كان|كنا|كانت|مر من|مرت من} هنا"}},
	{class: boast, sure: true, within: 60, texts: []string{"{کچھ|کوئی فائل|کوئی ڈیٹا} {|بھی }{ڈیلیٹ|حذف} نہیں", "kuch {|bhi }delete {nahi|nahin|nhi}", "لم {نحذف|نمسح|نقم بحذف} {شيئا|اي|أي}", "چیزی {پاک|حذف} نشد*", "कुछ {|भी }{डिलीट|मिटाया} नहीं", "{কিছু|কোনো ডাটা} {ডিলিট|মুছি}*", "tidak ada {data|file} yang {dihapus|rusak|hilang|kami hapus}", "hiçbir {şey|veri|dosya} silinmedi", "nada {foi apagado|fue borrado|foi deletado|fue eliminado}", "ничего не {удалено|удалили|тронуто|удаляли}"}},

	// Roman Urdu and Hindi
	{class: claim, last: true, texts: []string{"{ne|ny|nay|nain} {hack|hak|heck|hacked} {kar|kr|kia|kiya|ki|kardi|krdi|kardia|krdia|karli|krli}", "{ki taraf se|ki janib se|ke zariye|k zariye|kay zariye|ke hathon|k hathon} {hack|hacked|hak}", "{dwara|dvara} hack"}},
	{class: claim, texts: []string{"{hum|ham|hm|main|mein|hamne|humne} {|ne |ny |nay }{ye|yeh|is|aap ki|apki|aapki|tumhari|tumhare|aap ka} {site|website|web site|server|system} {|ko }{hack|hacked|hak}"}},
	{class: address, texts: []string{"{aap ki|apki|aapki|ap ki|tumhari|tmhari|teri|ye|yeh|is|aap ka|apka} {|poori |puri |ye |yeh }{site|website|web site|web|server|system|portal|database} {|ab |ko |mukammal }{hack|hacked|hak|deface}", "{site|website|system|server|data|database} {|ab |sara }{hamare|humare|hmare|hamari|humari} {qabzay|qabze|kabze|control|kabzay|hath|hai}", "{aap|ap|tum} {hack|hacked} {ho|kar|kr}", "{hamare|humare} {pas|paas} {aap|ap|tumhara|tumhari|apka|sara}"}},
	{class: address, last: true, texts: []string{"hack {kar|kr|ho|ki|kardi|hogai|hogayi} {li|di|diya|dia|lia|liya|gai|gayi|gaya|gya|chuki|chuka} {gai|gayi|gaya|hai|he|h}"}},
	{class: boast, texts: []string{"{hum|ham|hm} {|phir |fir |dobara |zaroor |wapis |wapas }{wapis|wapas|phir|dobara|laut kar|zaroor} {aayenge|ayenge|aaenge|ayen gay|aayen ge|ainge|aenge|aynge}", "{hum|ham} har jagah {hain|hen|he}", "{hum|ham} {bhoolte|bhulte} {nahi|nahin|nhi}", "{hum|ham} maaf {nahi|nahin|nhi}", "{hamara|humara} {intezar|intazar|naam yaad|badla|inteqam}", "{koi|koi bhi} {system|site|website} {safe|mehfooz|secure} {nahi|nhi|nahin}", "{baap|bap} {ko mat|se panga|hun|hoon}", "panga {mat|na|nahi|nhi}", "ye to {abhi |sirf |}{trailer|shuruat|shuruwat|trailor}", "abhi to {ye|bas|sirf}"}, within: 150},
	{class: taunt, texts: []string{"{apni|apki|aap ki|aapki|tumhari|teri|site ki|website ki} {|site ki |website ki |web ki }security {|to |bohat |bohot |bahut |boht |bht |bilkul |itni }{theek|thik|behtar|sahi|strong|tight|zero|kamzor|low|0|weak|kahan|kharab|bekar|check|improve|fail}", "security {zero|kamzor|0|theek|kahan|tight} {hai|he|h|karo|kro|kar}", "admin {bhai|jee|ji|sahab|sahib|jani|uth|utho|jago|so|soya|kahan|bacha|bachay|beta|bhaag|sharam|g|bhosdi|bc|mc}", "{o|oye|oy|sorry|salam|hello|are|arey|uth ja|uth|jago|bechara} admin"}, within: 80},

	// Arabic
	{class: claim, texts: []string{"تم {الاختراق|الإختراق|التهكير|الهكر|الهك|تهكير الموقع|اختراق الموقع|اختراق هذا الموقع|اختراق السيرفر|القرصنة} {بواسطة|من قبل|من طرف|على يد|بواسطه|عن طريق|من}", "{اخترق|مخترق|هكر|تهكير|هاك|هك|قرصنة|اختراق|هكرت|مهكر} {بواسطة|من قبل|من طرف|بواسطه|باي}", "{هاكد|هكد|هاكيد|هاكت} باي", "{الموقع|موقعكم|موقعك|هذا الموقع|السيرفر} {مخترق|مهكر} {بواسطة|من قبل|من طرف|من}", "{حقوق|توقيع} {الهكر|الهاكر|المخترق}"}},
	{class: bare, texts: []string{"{|لقد |قد }{تم الاختراق|تم التهكير|تم الهك|مخترق|مهكر|مخترقون|تم اختراقكم|تم اختراقك|الموقع مخترق|الموقع مهكر|تم اختراق الموقع|تم اختراق}"}},
	{class: address, texts: []string{"{تم|لقد تم|قد تم} {اختراق|تهكير|قرصنة|الاستيلاء على|السيطرة على|تدمير|هك} {موقعكم|موقعك|هذا الموقع|سيرفركم|سيرفرك|نظامكم|نظامك|انظمتكم|أنظمتكم|شبكتكم|حسابكم|بياناتكم|خوادمكم|الموقع}", "{موقعكم|موقعك|نظامكم|سيرفركم|شبكتكم} {مخترق|مهكر|غير محمي|ضعيف|غير آمن|تحت سيطرتنا|تحت السيطرة|بين ايدينا|في قبضتنا|اخترق|تم اختراقه}", "{تم|لقد تم} {اختراقكم|اختراقك|تهكيركم|تهكيرك}", "{لقد |}{اخترقنا|هكرنا|سيطرنا على|دمرنا} {موقعكم|موقعك|هذا الموقع|نظامكم|سيرفركم|انظمتكم|شبكتكم}", "{بياناتكم|ملفاتكم|معلوماتكم|كل بياناتكم|جميع بياناتكم} {|اصبحت |أصبحت |الآن |الان }{لدينا|عندنا|بحوزتنا|في قبضتنا|بين ايدينا|معنا|في ايدينا|تحت سيطرتنا}", "سوف {ننشر|نسرب|نبيع} {بياناتكم|معلوماتكم|ملفاتكم}"}},
	{class: boast, texts: []string{"نحن قادمون", "{لن ننسى|لا ننسى} {ولن نغفر|ولا نغفر|لن نغفر}", "لا نغفر ولا ننسى", "لن نغفر ولن ننسى", "{انتظرونا|إنتظرونا|ترقبونا|توقعونا}", "{سنعود|عدنا|سوف نعود} {قريبا|من جديد|مرة اخرى|مجددا|يا}", "نحن {انونيموس|أنونيموس|مجهولون|جيش|هكرز|الهكر|المجهولون|في كل مكان}", "لا {يوجد|شيء|موقع} {نظام |}{امن|آمن|امان}", "{تحياتي|تحياتنا|اهداء|إهداء|تحية|سلامي} {الى|إلى|ل|لكل} {كل |جميع |}{الهكر|الهاكرز|الهكرز|هكر|هكرز|اعضاء|أعضاء|شباب|فريق}", "{انا|نحن} هنا {يا|ايها}", "كنا هنا", "مر من هنا", "الموت {قادم|لكم يا}"}, within: 150},
	{class: taunt, texts: []string{"{حمايتكم|حمايتك|حماية موقعكم|حماية موقعك|أمنكم|امنكم|حماية الموقع|الحماية} {|جدا |عندكم }{ضعيفة|صفر|0|زيرو|سيئة|معدومة|تحت الصفر|فاشلة|ضعيف}", "حماية {ضعيفة|فاشلة|معدومة}", "{الى|إلى|يا|ايها|عزيزي|سيد|اسف|آسف|رسالة الى|اصحى|استيقظ} {|السيد |حضرة }{الادمن|الأدمن|ادمن|أدمن|مدير الموقع|صاحب الموقع|مسؤول الموقع|ادمين}", "{ادمن|الادمن} {نايم|غبي|فاشل|اصحى|نائم}", "{طور|احمي|احم|طوروا|احموا} {حمايتك|موقعك|حمايتكم|موقعكم}", "{رقعوا|رقع|اغلق|اغلقوا} {الثغرات|الثغرة|ثغراتكم}"}, within: 80},
	{class: crew, texts: []string{"هكرز", "هاكرز", "{الجيش|جيش} {الالكتروني|الإلكتروني|السايبر|السيبراني|الهكر|الهاكرز}", "{فريق|كتائب|مجموعة|عصابة} {الهكر|الهاكرز|هكر|هكرز|السايبر|الاختراق}"}, within: 60},

	// Persian
	{class: claim, texts: []string{"هک {شده|شد|گردید|گردیده|شده است} {توسط|به دست|بدست|به وسیله|بوسیله|با}", "هکد بای", "هک بای", "{ما|من} {این|سایت شما را|سایت شما|وبسایت شما} {سایت |وبسایت |وب سایت |}{|را }هک {کردیم|کردم}"}},
	{class: address, last: true, texts: []string{"هک {شد|شده|شده است|گردید|کردیم}"}, within: 15},
	{class: bare, texts: []string{"{|سایت |این سایت |وبسایت |شما }{هک شد|هک شده|هک شدید|هک شده است|هک گردید}"}},
	{class: address, texts: []string{"{سایت|وبسایت|وب سایت|سرور|سامانه|سیستم|درگاه} شما {|توسط ما |به طور کامل |کاملا }{هک|در اختیار ما|در کنترل ما|تسخیر|نفوذ}", "این {سایت|وبسایت|وب سایت|سرور|سامانه|صفحه} {|توسط ما }{هک|تسخیر}", "شما {هک|توسط ما هک} {شدید|شده اید|شدین}", "{اطلاعات|داده های|دیتابیس|فایل های} شما {|تمام |همه }{در اختیار ما|در دست ما|نزد ما|به سرقت رفت|دزدیده شد|پیش ماست}", "سایتتون هک شد", "سایتت هک شد"}},
	{class: boast, texts: []string{"ما {فراموش نمی کنیم|فراموش نمیکنیم|نمی بخشیم|نمیبخشیم|بازمی گردیم|برمی گردیم|برمیگردیم|همه جا هستیم|انتقام می گیریم|ناشناس هستیم|لژیون هستیم}", "{نه می بخشیم|نمی بخشیم و} {نه فراموش|فراموش نمی}", "منتظر ما باشید", "در انتظار ما باشید", "{با تشکر|درود|سلام} {از|بر|به} {همه |تمام |تمامی }{هکرها|هکرهای|بچه های|هکران}", "هیچ {سیستمی|سایتی} {امن|ایمن} نیست", "انتقام سخت سایبری"}, within: 150},
	{class: taunt, texts: []string{"امنیت {شما|سایت شما|سایتتون|سایت} {|خیلی |بسیار |در حد }{ضعیف|صفر|پایین|افتضاح|پایینه|ضعیفه|صفره}", "{سلام|ببخشید|متاسفم|بیدار شو|خسته نباشی|خسته نباشید|جناب|درود} {|آقای |جناب }{ادمین|مدیر سایت|وبمستر}", "ادمین {عزیز|بیدار شو|خواب|گرامی|محترم سایت|جان|خوابی}", "امنیت {0|صفر}"}, within: 80},
	{class: crew, texts: []string{"{ارتش|تیم|گروه} {سایبری|هکری|هک|هکرهای}"}, within: 30},

	// Pashto
	{class: claim, last: true, texts: []string{"{لخوا|له خوا|لخوا څخه|په لاس} {|دا |دغه }{هک|هیک|هېک} {شو|شوه|شوی|شوې|شول|سو|سوه|کړل|شوي|}"}},
	{class: claim, texts: []string{"{موږ|مونږ|ما} {ستاسو|ستاسې|دا|دغه} {ویب پاڼه|ویبپاڼه|ویب سایټ|وېب سایټ|وېب پاڼه|سایټ|پاڼه} {هک|هیک}"}},
	{class: address, texts: []string{"{ستاسو|ستاسې|ستا|دا|دغه} {ویب پاڼه|ویبپاڼه|ویب سایټ|ویبسایټ|وېب سایټ|وېبپاڼه|وېب پاڼه|سایټ|پاڼه|سیسټم|سرور} {|زموږ |اوس }{هک|هیک|هېک|زموږ په}", "{ستاسو|ستاسې} {معلومات|ډیټا|ډاټا} {زموږ|له موږ|موږ}"}},
	{class: address, last: true, texts: []string{"{هک|هیک} {کړل شو|کړل شوه|شوې ده|شوی دی|کړل شوې|شوه}"}},
	{class: boast, texts: []string{"موږ {بیرته|بیا} راځو", "موږ به {بیا|بیرته} {راشو|راځو}", "موږ {نه هیروو|نه بخښو|هر ځای}", "زموږ {انتظار|په تمه}"}, within: 150},
	{class: taunt, texts: []string{"ستاسو {امنیت|سکیورټي|سیکورټي} {|ډېر |ډیر }{کمزوری|صفر|ضعیف|کمزورې|خراب}", "{سلام|بخښنه|ویښ شه} اډمین", "اډمین {صاحب|ویښ|وروره}"}, within: 80},

	// Sindhi
	{class: claim, last: true, texts: []string{"{پاران|طرفان|هٿان|جي طرفان|پاران هن} {|مڪمل }{هيڪ|هئڪ|هڪ ڪيو|هيڪڊ}", "{هيڪ|هئڪ} {ڪئي آهي|ڪيو آهي|ڪري ڇڏي|ڪري ورتي|ڪري ورتو}"}},
	{class: claim, texts: []string{"اسان {توهان جي|اوهان جي|هي|هن|هيءَ} {ويب سائيٽ|ويبسائيٽ|سائيٽ|ويب} {|کي }{هيڪ|هئڪ}"}},
	{class: address, texts: []string{"{توهان جي|اوهان جي|اوهانجي|توهانجي|هي|هيءَ|هن} {ويب سائيٽ|ويبسائيٽ|سائيٽ|ويب|سسٽم|سرور} {|کي |هاڻي }{هيڪ|هئڪ|اسان جي}"}},
	{class: address, last: true, texts: []string{"{هيڪ|هئڪ} {ڪئي وئي|ڪيو ويو|ٿي وئي|ٿي ويو|ٿيل آهي|ٿي چڪي}"}},
	{class: boast, texts: []string{"اسان {وري|موٽي} {اينداسين|اينداسون}", "اسان {هر هنڌ|وساريون نٿا|معاف نٿا}", "اسان جو انتظار"}, within: 150},
	{class: taunt, texts: []string{"{توهان جي|اوهان جي|پنهنجي} {|ويب سائيٽ جي |سائيٽ جي }{سيڪيورٽي|سيڪورٽي|سڪيورٽي} {|تمام |ڏاڍي }{ڪمزور|صفر|بهتر|زيرو|خراب|ٺيڪ}", "ايڊمن {جاڳ|صاحب|سمهيل|ڀاءُ|معاف}"}, within: 80},
}

// indicPhrases are Hindi, Bengali and their like in their own scripts.
var indicPhrases = []phraseSource{
	{class: claim, last: true, texts: []string{"{द्वारा|के द्वारा|की ओर से|की तरफ से|के हाथों} {|यह }{हैक|हैक्ड|हॅक}", "ने {|यह |इस |आपकी |ये }{|साइट |वेबसाइट |साइट को |वेबसाइट को }{हैक|हॅक} {कर|किया|की|करी|कर ली|कर दी|कर दिया}"}},
	{class: claim, texts: []string{"{हैक्ड|हैकड|हैक्ट} बाय", "हैक बाय", "{हमने|हम ने|मैंने} {आपकी|तुम्हारी|इस|यह|ये|आपका} {साइट|वेबसाइट|वेब साइट|सर्वर|सिस्टम} {|को }{हैक|हैक्ड}"}},
	{class: bare, texts: []string{"{|साइट |वेबसाइट |यह साइट |यह वेबसाइट |आप }{हैक|हैक्ड|हैक हो गई|हैक हो गया|हैक हो गए}"}},
	{class: address, texts: []string{"{आपकी|तुम्हारी|यह|ये|इस|आपका|आप की} {साइट|वेबसाइट|वेब साइट|सर्वर|सिस्टम|पोर्टल|डेटा|डाटा} {|अब |को |पूरी तरह }{हैक|हमारे कब्जे|हमारे कब्ज़े|हमारे नियंत्रण|हमारे पास|हमारी}", "आपको हैक {कर|किया}"}},
	{class: address, last: true, texts: []string{"हैक {कर|हो} {लिया गया|ली गई|ली गयी|दिया गया|दी गई|चुकी|चुका|गई|गया}"}},
	{class: boast, texts: []string{"हम {वापस|फिर|फिर से|जल्द|दोबारा} {|वापस }आएंगे", "हम {हर जगह|सब जगह} हैं", "हम {भूलते|माफ} नहीं", "हमारा {इंतज़ार|इंतजार|बदला|नाम याद}", "कोई {सिस्टम|भी सिस्टम|साइट} सुरक्षित नहीं", "हमें याद रखना", "यह तो {बस |सिर्फ |}{शुरुआत|ट्रेलर}"}, within: 150},
	{class: taunt, texts: []string{"{आपकी|तुम्हारी|अपनी} {|साइट की |वेबसाइट की }{सुरक्षा|सिक्योरिटी} {|बहुत |काफी |एकदम }{कमजोर|कमज़ोर|शून्य|जीरो|ज़ीरो|खराब|बेकार|ठीक करो|सुधारो|मजबूत करो|ठीक कर लो}", "{एडमिन|ऐडमिन} {|जी |भाई |साहब }{जागो|सो रहा|सो रहे|सॉरी|माफ|उठो|कहाँ}", "{सॉरी|हैलो|नमस्ते|जागो} एडमिन"}, within: 80},
	{class: crew, texts: []string{"साइबर {आर्मी|सेना|टीम|फोर्स}", "{हैकर|हैकर्स} {टीम|ग्रुप}"}, within: 40},

	{class: claim, last: true, texts: []string{"{দ্বারা|কর্তৃক|এর দ্বারা|মাধ্যমে|এর পক্ষ থেকে|পক্ষ থেকে} {|এই |সাইটটি }{হ্যাক|হ্যাকড|হ্যাক্ড}", "{আমরা|আমি} {|এই |আপনার |তোমাদের |আপনাদের }{|সাইট |ওয়েবসাইট |সাইটটি |ওয়েবসাইটটি }হ্যাক {করেছি|করলাম}"}},
	{class: claim, texts: []string{"হ্যাকড বাই", "হ্যাক্ড বাই", "হ্যাক বাই"}},
	{class: bare, texts: []string{"{|সাইট |ওয়েবসাইট |ওয়েবসাইটটি |সাইটটি }{হ্যাকড|হ্যাক|হ্যাক করা হয়েছে|হ্যাক হয়েছে|হ্যাক হয়ে গেছে}"}},
	{class: address, texts: []string{"{আপনার|আপনাদের|তোমার|তোমাদের|এই} {ওয়েবসাইট|ওয়েবসাইটটি|ওয়েব সাইট|সাইট|সাইটটি|সার্ভার|সিস্টেম|ডাটা|ডেটা|তথ্য} {|এখন |সম্পূর্ণ }{হ্যাক|হ্যাকড|আমাদের দখলে|আমাদের নিয়ন্ত্রণে|আমাদের কাছে|আমাদের হাতে}"}},
	{class: boast, texts: []string{"আমরা {আবার|ফিরে} {|ফিরে }আসব{|ো}", "আমরা {ভুলি না|ক্ষমা করি না|সবখানে|সর্বত্র}", "আমাদের {অপেক্ষায় থাকুন|মনে রেখো|মনে রাখবেন|প্রতিশোধ}", "কোনো {সিস্টেম|সাইট} নিরাপদ নয়"}, within: 150},
	{class: taunt, texts: []string{"{আপনার|আপনাদের|তোমাদের|তোমার} {|সাইটের |ওয়েবসাইটের }{নিরাপত্তা|সিকিউরিটি} {|খুব |খুবই |অনেক |একদম }{দুর্বল|শূন্য|জিরো|খারাপ|বাড়ান|ঠিক করুন|ঠিক করো|কম|নেই}", "{এডমিন|অ্যাডমিন} {|ভাই |সাহেব }{জাগো|ঘুমাও|ঘুমাচ্ছে|ঘুমাচ্ছেন|দুঃখিত|সরি|কোথায়}", "{সরি|হ্যালো|দুঃখিত|প্রিয়} {এডমিন|অ্যাডমিন}"}, within: 80},
	{class: crew, texts: []string{"সাইবার {আর্মি|টিম|৭১|ফোর্স|যোদ্ধা}", "হ্যাকার {টিম|গ্রুপ}"}, within: 40},
}

// easternPhrases are Indonesian, Malay, Chinese and Thai.
var easternPhrases = []phraseSource{
	{class: claim, texts: []string{"{|telah |sudah }{diretas|di retas|dihack|di hack|dihek|di hek|digodam|di godam|dideface|di deface|dipwned|dibajak|di rusuhi|hacked} {oleh|by|sama|dari|ama}", "{situs|website|web|laman web|server} {ini |anda |kalian |}{|telah |sudah }{diretas|dihack|digodam|di hack|di retas} {oleh|by|sama}"}},
	{class: bare, texts: []string{"{|situs |website |web |telah |situs ini |website ini }{diretas|dihack|digodam|di hack|kena hack|kena retas}"}},
	{class: address, texts: []string{"{situs|website|web|site|sistem|server|laman web|laman sesawang|webmu|situsmu|websitemu} {anda|kalian|kamu|ini|mu|lu|lo|elu|awak|korang} {|telah |sudah |udah |berhasil |tlah |telah berhasil }{diretas|dihack|di hack|di retas|digodam|kami retas|kami hack|kami kuasai|dikuasai|kena hack|dideface|di deface|hacked|kami ambil alih|diambil alih}", "{anda|kalian|kamu} {telah |sudah |}{diretas|dihack|di hack}", "{data|database} {anda|kalian} {|telah |sudah |ada }{kami|di tangan kami|bocor oleh|dicuri}", "kami {telah |sudah |berhasil |}{meretas|menghack|hack|menguasai} {situs|website|web|server|sistem|anda|data}"}},
	{class: boast, texts: []string{"salam {dari |}{hacker|defacer|kami para hacker|anak bangsa hacker|indonesian hacker}", "kami {tidak|tak} {memaafkan|melupakan|akan lupa}", "kami akan kembali", "kami {ada di mana mana|ada dimana mana|ada dimana2|akan datang lagi}", "tunggu {kami|serangan|kedatangan kami}", "tidak ada sistem yang {aman|sempurna}", "no system is safe", "kami adalah {anonymous|legion|hacker}", "jangan {sombong|remehkan kami|salahkan kami}", "cuma {iseng|numpang lewat|deface}", "numpang lewat", "hanya {numpang lewat|iseng}", "terima kasih kepada {seluruh|semua} {hacker|member|defacer|crew}", "{pesan|kritik} untuk pemerintah dari hacker"}, within: 150},
	{class: taunt, texts: []string{"{hai|halo|hallo|hey|maaf|woi|oi|woy|hei|selamat pagi|selamat malam|bangun|mampus|kasian|kasihan|sorry|dear|untuk|buat} {|mas |pak |bang |mr |para |si }{admin|min|webmaster|atmin}", "admin {goblok|tolol|bodoh|tidur|bego|ganteng|lemah|bangun|nya tidur|kemana|malas|maaf|perbaiki|tolong}", "keamanan {anda|kalian|situs anda|website anda|web anda|web ini|sistem anda|situs ini|website ini|webmu} {|sangat |masih |terlalu |begitu }{lemah|buruk|rendah|rentan|jelek|kurang|payah}", "{tingkatkan|perbaiki|benerin|perketat|patch} {|dulu |lagi }{keamanan|security|sistem|bug|web|website|situs} {|nya |anda |kalian |mu |web |website |situs |sistem }{anda|kalian|mu|nya min|min|admin|dong|lagi|ya|bang|nya|sekarang|kamu}", "sistem anda {lemah|rentan}"}, within: 80},
	{class: crew, texts: []string{"{indonesian|indonesia|malaysia|malaysian} {hacker|hackers|cyber|defacer|hacktivist|blackhat|haxor|error}", "{hacktivist|defacer} {indonesia|malaysia}"}},

	{class: claim, texts: []string{"黑客到此一游", "黑客到此", "到此一游黑客", "被黑客攻陷", "本站已被黑", "本站被黑", "此站已被黑", "本网站已被黑", "此网站已被黑", "该站已被黑", "网站已被黑客", "网站被我们黑", "已被我黑", "已被我们黑", "已被我们入侵", "被我们入侵", "被我入侵", "此网站已被入侵", "本站已被入侵", "本网站已被入侵", "本站已被黑客入侵", "入侵成功", "黑站成功", "友情检测", "友情渗透", "你被黑了", "您被黑了", "你们被黑了", "網站已被駭", "此網站已被入侵", "本站已被駭客", "你被駭了", "被骇客入侵", "黑客宣言"}},
	{class: address, texts: []string{"你的网站已被", "你的网站被黑", "你的网站被我", "您的网站已被黑", "您的网站已被入侵", "你们的网站已被", "你们的网站被黑", "贵站已被", "贵站存在漏洞", "你的服务器已被", "你的数据在我们", "我们已经控制", "我们已入侵", "你的網站已被", "你們的網站已被", "您的網站已被駭"}},
	{class: taunt, texts: []string{"管理员快起床", "管理员请修复", "管理员快修复", "请管理员修复", "傻逼管理员", "管理员傻逼", "管理员你好", "管理员请注意安全", "你的安全太差", "安全性太差", "漏洞太多", "请及时修补漏洞", "垃圾网站垃圾管理", "防护太差", "管理員請修復", "管理員你好"}, within: 20},
	{class: crew, texts: []string{"中国红客", "红客联盟", "黑客联盟", "黑客军团", "黑客小组", "中國紅客", "網軍"}},
	{class: boast, texts: []string{"我们是匿名者", "我们永不遗忘", "期待我们", "我们不原谅", "黑客无处不在", "犯我中华者", "我們是匿名者"}},

	{class: claim, texts: []string{"ถูกแฮกโดย", "ถูกแฮ็กโดย", "ถูกแฮคโดย", "โดนแฮกโดย", "โดนแฮ็กโดย", "แฮกโดย", "แฮ็กโดย"}},
	{class: address, texts: []string{"เว็บไซต์ของคุณถูกแฮก", "เว็บของคุณถูกแฮก", "เว็บนี้ถูกแฮก", "เว็บไซต์นี้ถูกแฮก", "เว็บคุณโดนแฮก", "เว็บไซต์ของคุณถูกแฮ็ก", "เว็บนี้โดนแฮก"}},
}

// ownPagePhrases are those of maintenance, parking and error pages.
var ownPagePhrases = []phraseSource{
	{class: state, texts: []string{"under maintenance", "site is down for maintenance", "scheduled maintenance", "be back soon", "back shortly", "coming soon", "under construction", "temporarily unavailable", "service unavailable", "account suspended", "domain is for sale", "domain has expired", "page not found",
		"internal server error", "bad gateway", "gateway timeout", "access denied", "forbidden", "it works", "welcome to nginx", "apache2 ubuntu default page", "verify you are human", "checking your browser", "enable javascript", "site is being upgraded", "we are upgrading", "website is being updated",
		"زیر تعمیر", "دیکھ بھال", "عارضی طور پر بند", "جلد واپس", "تحت الصيانة", "قيد الإنشاء", "در دست تعمیر", "sedang dalam perbaikan", "bakım çalışması", "em manutenção", "en mantenimiento", "на техническом обслуживании", "रखरखाव", "রক্ষণাবেক্ষণ", "维护中"}},
}
