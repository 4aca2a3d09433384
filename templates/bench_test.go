package templates_test

import (
	"testing"

	"gatehouse/templates"
)

// BenchmarkSignInPages is what rendering costs, page by page.
func BenchmarkSignInPages(b *testing.B) {
	set := newSet(b, "")
	for _, sample := range samples() {
		b.Run(sample.name, func(b *testing.B) {
			b.ReportAllocs()
			var bytes int
			for b.Loop() {
				page, err := sample.render(set, "pt")
				if err != nil {
					b.Fatal(err)
				}
				bytes = len(page.Body)
			}
			b.ReportMetric(float64(bytes), "B/page")
		})
	}
}

// BenchmarkLanguage is what choosing the language costs.
func BenchmarkLanguage(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		templates.Language([]string{"fr-CA"}, "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7")
	}
}

// BenchmarkNew is what a server pays once.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newSet(b, "")
	}
}
