package compare

import "testing"

// A crew that uses no word of the lexicon is known by its form.
func TestCrewForms(t *testing.T) {
	b := ministryBaseline(t)
	for _, html := range []string{
		"<h1>Gh0st_W1nd</h1><p>QuietFox | N1ghtj4r | B4dger | M00nl1t</p>",
		"<center><font size=6>-=[ S1lent F0xes ]=-</font><p>Qu13t ~ N1ghtj4r ~ ./B4dg3r</p></center>",
		"<h2>#OpWinter #OpNorth</h2><p>Silent Fox Squad</p><p>telegram: t.me/silent_example</p>",
		"<p>-=[ RESPECT ]=- Silent Fox Hackers | North Badger Crew | Grey Heron Defacers | X</p>",
		"<h2>Silent Fox Crew</h2><p>Thanks: Qu13t_F0x - N1ghtj4r - Ow1</p>",
	} {
		if r := saidIn(t, b, "<div>"+html+"</div>"); !hasRule(r, "defacement.crew") {
			t.Errorf("%s: %s", html, describe(r))
		}
	}
}

// Lists that honest pages have are none of a crew's.
func TestCrewFormsOfHonestPages(t *testing.T) {
	b := ministryBaseline(t)
	for _, html := range []string{
		"<h2>PHP | MySQL | jQuery | WordPress | JavaScript</h2>", "<h1>CS101 | CS102 | EE201L | BBA4A</h1><p>Telegram: t.me/university_example</p>",
		"<h2>FY2023-24 | FY2024-25 | Q1-2025</h2>", "<p>Call 0300-1234567 | 051-9201234 | mail info@planning.gov.pk, admin_office@planning.gov.pk</p>",
		"<h2>#OpenData #OpenGov #OpEd #Opportunity</h2><p>Our team thanks all members</p>", "<h2>Team Pakistan thanks its members: Babar Azam, Shaheen Afridi, Naseem Shah</h2>",
		"<p>COVID-19 | H1N1 | B12 | CO2 | PM2.5 | A4 | MP3 | 5G | IPv6 | H264 | SHA256</p>", "<h3>Roll numbers: 12A45, 13B22, 2019-CS-101, LHR-21R-1234</h3>",
		"<p>img_1234.jpg, tender_notice_final.pdf, Annual_Report_2024.pdf</p>", "<h2>Greetings from the State Bank, a/c PK36SCBL0000001123456702</h2>",
		"<h2>Cabin Crew | Ground Crew | Rescue Squad | Narcotics Anonymous</h2><p>Thanks to all members</p>", "<p>BPS-17 | BPS-18 | Grade-19 | W3C | B2B | G2G | e-Gov</p>",
	} {
		if r := saidIn(t, b, "<div>"+html+"</div>"); hasRule(r, "defacement.crew") {
			t.Errorf("%s: %s", html, describe(r))
		}
	}
}
