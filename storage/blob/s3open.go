package blob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const (
	// openTimeout bounds Open, which makes a few small requests: an operator
	// who mistyped the host should not wait for a deadline meant for uploads.
	openTimeout = 15 * time.Second
	// tries of one request. The client waits up to 200 ms, 400 ms ... between.
	tries = 4
)

// s3Options is what an s3:// URL says.
type s3Options struct {
	host, bucket string
	key, secret  string
	region       string // default: the server's own
	tls          bool   // default true
	lock         *lock  // default none
}

// lock is the retention that a bucket gives new objects.
type lock struct {
	mode minio.RetentionMode
	days uint
}

// OpenS3 opens the bucket at s3://KEY:SECRET@HOST/BUCKET and makes it if it is
// not there. Characters of SECRET that mean something in a URL are escaped with
// %XX. Parameters:
//
//	tls=false            plain HTTP (default: HTTPS)
//	region=NAME          where a new bucket is made (default: the server's)
//	lock=governance:30d  object lock for every new object, so that evidence
//	                     outlives whoever steals the key: "governance" or
//	                     "compliance" and a number of days. A bucket that was
//	                     made without object lock is refused.
func OpenS3(ctx context.Context, url string) (*S3, error) {
	options, err := parseS3(url)
	if err != nil {
		return nil, fmt.Errorf("opening blob storage: %w", err)
	}
	where := fmt.Sprintf("bucket %s on %s", options.bucket, options.host)
	s, err := newS3(options, where)
	if err != nil {
		return nil, fmt.Errorf("opening blob storage, %s: %w", where, err)
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	if err := s.prepare(ctx, options); err != nil {
		return nil, fmt.Errorf("opening blob storage, %s: %w", where, errors.Join(explainOpen(err, options), s.Close()))
	}
	return s, nil
}

func newS3(options s3Options, where string) (*S3, error) {
	transport, err := minio.DefaultTransport(options.tls)
	if err != nil {
		return nil, err
	}
	core, err := minio.NewCore(options.host, &minio.Options{
		Creds:        credentials.NewStaticV4(options.key, options.secret, ""),
		Secure:       options.tls,
		Region:       options.region,
		Transport:    transport,
		BucketLookup: minio.BucketLookupAuto,
		MaxRetries:   tries,
	})
	if err != nil {
		return nil, err
	}
	return &S3{core: core, transport: transport, bucket: options.bucket, where: where, young: renewAfter}, nil
}

// prepare waits for a server that is still starting, as it is when everything
// starts together.
func (s *S3) prepare(ctx context.Context, options s3Options) error {
	for {
		err := s.makeBucket(ctx, options)
		if minio.ToErrorResponse(err).Code != "XMinioServerNotInitialized" {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// makeBucket makes the bucket and its lock. Two processes may do so at once.
func (s *S3) makeBucket(ctx context.Context, options s3Options) error {
	there, err := s.core.BucketExists(ctx, s.bucket)
	if err != nil {
		return err
	}
	if !there {
		err := s.core.MakeBucket(ctx, s.bucket, minio.MakeBucketOptions{Region: options.region, ObjectLocking: options.lock != nil})
		if code := minio.ToErrorResponse(err).Code; err != nil && code != "BucketAlreadyOwnedByYou" {
			return err
		}
	}
	if options.lock == nil {
		return nil
	}
	unit := minio.Days
	err = s.core.SetBucketObjectLockConfig(ctx, s.bucket, &options.lock.mode, &options.lock.days, &unit)
	if err != nil {
		return fmt.Errorf("setting object lock, which only a bucket made with it can have: %w", err)
	}
	return nil
}

// explainOpen adds what is most often wrong when nothing has worked yet.
func explainOpen(err error, options s3Options) error {
	if minio.ToErrorResponse(err).Code != "" {
		return explainS3(err)
	}
	var network *url.Error
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Errorf("the server speaks plain HTTP; add tls=false to the URL: %w", err)
	case errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s cannot be reached; is MinIO running there, and is tls=%t right? %w", options.host, options.tls, err)
	}
	return err
}

// parseS3 never quotes what it was given, nor the error of the URL parser, which
// does: the secret is in it.
func parseS3(text string) (s3Options, error) {
	const form = "s3://KEY:SECRET@HOST/BUCKET?tls=false"
	u, err := url.Parse(text)
	// A "/" or "?" in SECRET ends the host early, which the parser may accept:
	// what it takes for the host is then the key and the secret's beginning.
	if err != nil || u.User == nil && strings.Contains(text, "@") || u.Fragment != "" {
		return s3Options{}, fmt.Errorf("the s3:// URL cannot be understood; it has the form %s, special characters in SECRET escaped as %%XX", form)
	}
	secret, _ := u.User.Password()
	options := s3Options{host: u.Host, bucket: strings.Trim(u.Path, "/"), key: u.User.Username(), secret: secret, tls: true}
	switch {
	case u.Scheme != "s3" || options.host == "":
		return s3Options{}, fmt.Errorf("the s3:// URL names no host; it has the form %s", form)
	case options.bucket == "" || strings.Contains(options.bucket, "/"):
		return s3Options{}, fmt.Errorf("the s3:// URL for %s must name one bucket; it has the form %s", options.host, form)
	case options.key == "" || options.secret == "":
		return s3Options{}, fmt.Errorf("the s3:// URL for %s lacks the access key or the secret; it has the form %s", options.host, form)
	}
	err = options.setParameters(u.RawQuery)
	return options, err
}

func (o *s3Options) setParameters(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return fmt.Errorf("the parameters of the s3:// URL for %s cannot be understood", o.host)
	}
	for name, list := range values {
		value := list[len(list)-1]
		switch name {
		case "tls":
			o.tls, err = strconv.ParseBool(value)
		case "region":
			o.region = value
		case "lock":
			o.lock, err = parseLock(value)
		default:
			err = errors.New("known are tls, region and lock")
		}
		if err != nil {
			return fmt.Errorf("parameter %q of the s3:// URL for %s: %w", name, o.host, err)
		}
	}
	return nil
}

// parseLock reads "governance:30d" or "compliance:365d".
func parseLock(text string) (*lock, error) {
	mode, length, _ := strings.Cut(text, ":")
	days, err := strconv.ParseUint(strings.TrimSuffix(length, "d"), 10, 16)
	m := minio.RetentionMode(strings.ToUpper(mode))
	if err != nil || days == 0 || !strings.HasSuffix(length, "d") || !m.IsValid() {
		return nil, fmt.Errorf("%q is not of the form governance:30d", text)
	}
	return &lock{m, uint(days)}, nil
}
