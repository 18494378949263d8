package metastore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/metastore"
)

func TestElasticObjects(t *testing.T) {
	db := open(t, t.TempDir())
	limits := metastore.ElasticLimits{Objects: 2, Bytes: 20}
	object := func(kind, name, document string) metastore.ElasticObject {
		return metastore.ElasticObject{Kind: kind, Name: name, Document: []byte(document), UpdatedAt: epoch}
	}
	put := func(o metastore.ElasticObject) error { return db.PutElasticObject(t.Context(), "a", o, limits) }
	require.NoError(t, put(object("k", "1", `{}`)))
	require.NoError(t, put(object("k", "2", `{}`)))
	require.ErrorIs(t, put(object("k", "3", `{}`)), metastore.ErrFull, "too many of a kind")
	require.NoError(t, put(object("l", "3", `{}`)))
	require.ErrorIs(t, put(object("k", "2", `{"a":"01234567890"}`)), metastore.ErrFull, "too many bytes")
	require.NoError(t, put(object("k", "2", `{"a":"0123"}`)), "a replaced one does not count twice")
	require.NoError(t, db.PutElasticObject(t.Context(), "b", object("k", "1", `{"b":1}`), limits))

	got, err := db.ElasticObjects(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, []metastore.ElasticObject{object("k", "1", `{}`), object("k", "2", `{"a":"0123"}`), object("l", "3", `{}`)}, got)
	require.NoError(t, db.DeleteElasticObject(t.Context(), "a", "k", "1"))
	require.ErrorIs(t, db.DeleteElasticObject(t.Context(), "a", "k", "1"), metastore.ErrNotFound)
	got, err = db.ElasticObjects(t.Context(), "b")
	require.NoError(t, err)
	require.Len(t, got, 1)
}
