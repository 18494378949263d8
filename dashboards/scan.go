package dashboards

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const maxFilesPerProvider = 10_000

// scanner reads the files of one provider; it keeps what it parsed by path and
// reads a file again only when its size or modification time changed.
type scanner struct {
	provider provider
	fsys     fs.FS
	dir      string // of the files, for messages
	onDisk   bool   // dir is a folder of this machine
	files    map[string]*scannedFile
}

type scannedFile struct {
	size      int64
	modified  time.Time
	dashboard *Dashboard // nil when problem is set
	problem   *Problem
	seen      bool
}

// scan brings the cache up to date and reports whether anything changed.
func (s *scanner) scan() (changed bool, problems []Problem) {
	for _, f := range s.files {
		f.seen = false
	}
	count := 0
	err := fs.WalkDir(s.fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if hidden := strings.HasPrefix(e.Name(), ".") && name != "."; hidden && e.IsDir() {
			return fs.SkipDir // a mounted ConfigMap keeps its versions in ..data
		} else if hidden || e.IsDir() || path.Ext(name) != ".json" {
			return nil
		}
		if count++; count > maxFilesPerProvider {
			return fmt.Errorf("more than %d files", maxFilesPerProvider)
		}
		changed = s.file(name) || changed
		return nil
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		problems = append(problems, Problem{s.provider.file, s.provider.line, fmt.Sprintf("provider %q: the folder %s does not exist", s.provider.Name, s.dir)})
	case err != nil:
		problems = append(problems, Problem{s.provider.file, s.provider.line, fmt.Sprintf("provider %q: reading %s: %s", s.provider.Name, s.dir, err)})
	}
	for name, f := range s.files {
		if !f.seen && !s.provider.DisableDeletion {
			delete(s.files, name)
			changed = true
		}
	}
	return changed, problems
}

func (s *scanner) file(name string) (changed bool) {
	info, err := fs.Stat(s.fsys, name) // follows links
	known := s.files[name]
	if err == nil && known != nil && known.size == info.Size() && known.modified.Equal(info.ModTime()) {
		known.seen = true
		return false
	}
	f := &scannedFile{seen: true}
	s.files[name] = f
	shown := path.Join(s.dir, name)
	if err != nil {
		f.problem = &Problem{File: shown, Message: err.Error()}
		return true
	}
	f.size, f.modified = info.Size(), info.ModTime()
	source, err := readBounded(s.fsys, name, maxDocumentBytes)
	if err != nil {
		f.problem = &Problem{File: shown, Message: err.Error()}
		return true
	}
	doc, err := Parse(source)
	if err != nil {
		f.problem = &Problem{File: shown, Message: err.Error()}
		return true
	}
	f.dashboard = &Dashboard{
		Document: doc, Provider: s.provider.Name, Path: name,
		Editable: s.provider.AllowUIUpdates, Updated: f.modified, Origin: OriginFile, hash: hashOf(source),
	}
	if in := s.folders(name); len(in) > 0 {
		f.dashboard.Folder, f.dashboard.above = in[len(in)-1], in[:len(in)-1]
	}
	if s.onDisk {
		f.dashboard.file = filepath.Join(s.dir, filepath.FromSlash(name))
	}
	return true
}

// maxFilesDepth bounds the folders that a file is in: deeper ones are named by the last of
// these.
const maxFilesDepth = 16

// folders are the provider's folder, or with foldersFromFilesStructure the folders that the
// file is in, from the top; files at the top stay in the provider's. None is General.
func (s *scanner) folders(name string) []Folder {
	if dir := path.Dir(name); s.provider.Options.FoldersFromFilesStructure && dir != "." {
		var out []Folder
		names := strings.Split(dir, "/")
		for i, title := range names[:min(len(names), maxFilesDepth)] {
			out = append(out, Folder{UID: uidOfPath(names[:i+1]), Title: title})
		}
		return out
	}
	title, uid := s.provider.Folder, s.provider.FolderUID
	if uid == "" {
		uid = uidOfPath([]string{title})
	}
	if title == "" || uid == general {
		return nil
	}
	return []Folder{{UID: uid, Title: title}}
}

// uidOfPath is a folder's uid: at the top that of its title, as providers' folders have it,
// below it one that no folder of the same title elsewhere has. It stays as long as the
// folder keeps its place and name.
func uidOfPath(names []string) string {
	title := names[len(names)-1]
	uid := slug(title)
	if len(names) == 1 && uid != "" && len(uid) <= 40 {
		return uid
	}
	h := fnv.New32a()
	h.Write([]byte(strings.Join(names, "/")))
	return strings.TrimPrefix(fmt.Sprintf("%s-%08x", strings.TrimSuffix(uid[:min(len(uid), 31)], "-"), h.Sum32()), "-")
}

// sorted returns the cache in the order of names.
func (s *scanner) sorted() []*scannedFile {
	names := make([]string, 0, len(s.files))
	for n := range s.files {
		names = append(names, n)
	}
	slices.Sort(names)
	out := make([]*scannedFile, len(names))
	for i, n := range names {
		out[i] = s.files[n]
	}
	return out
}

// uidOf returns the dashboard's uid; a file without one gets one that stays the
// same as long as the file keeps its place.
func uidOf(d *Dashboard) string {
	if uid := d.Document.UID(); uid != "" {
		return uid
	}
	h := fnv.New64a()
	h.Write([]byte(d.Provider + "\x00" + d.Path))
	return fmt.Sprintf("file-%016x", h.Sum64())
}

// hashOf tells contents of files apart.
func hashOf(source []byte) string {
	sum := sha256.Sum256(source)
	return hex.EncodeToString(sum[:])
}
