package console

import "net/http"

func (s *Server) healthPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	b, err := s.desk.Health(r.Context())
	if err != nil {
		return err
	}
	p := s.page(r, v, "health", "Health")
	p.Body = b
	return s.show(w, "health", p)
}
