package metastore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

func TestObjects(t *testing.T) {
	ctx, db := t.Context(), open(t, t.TempDir())
	limits := metastore.ObjectLimits{Count: 3, PerOwner: 2, Bytes: 20}
	put := func(id tenant.ID, kind, key, owner, document string, expires time.Time) error {
		return db.PutObject(ctx, id, metastore.Object{Kind: kind, ID: key, Name: "n" + key, Owner: owner, Parent: "p", Document: []byte(document),
			CreatedAt: epoch, UpdatedAt: epoch, ExpiresAt: expires}, limits)
	}
	require.NoError(t, put("a", "k", "1", "ann", `{}`, time.Time{}))
	require.NoError(t, put("a", "k", "2", "ann", `{}`, epoch.Add(time.Hour)))
	require.ErrorIs(t, put("a", "k", "3", "ann", `{}`, time.Time{}), metastore.ErrFull, "too many of an owner")
	require.NoError(t, put("a", "k", "3", "bob", `{}`, time.Time{}))
	require.ErrorIs(t, put("a", "k", "4", "carl", `{}`, time.Time{}), metastore.ErrFull, "too many of a kind")
	require.ErrorIs(t, put("a", "k", "2", "ann", `{"a":"0123456789"}`, time.Time{}), metastore.ErrFull, "too many bytes")
	require.NoError(t, put("a", "k", "2", "ann", `{"a":"0"}`, epoch.Add(time.Hour)), "a replaced one does not count twice")
	require.NoError(t, put("b", "k", "1", "ann", `{"b":1}`, time.Time{}))

	all, err := db.Objects(ctx, "a", "k", true)
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Equal(t, `{"a":"0"}`, string(all[1].Document))
	id, found, err := db.ObjectByKey(ctx, "k", "2")
	require.NoError(t, err)
	require.Equal(t, tenant.ID("a"), id)
	require.Equal(t, epoch.Add(time.Hour), found.ExpiresAt)
	_, _, err = db.ObjectByKey(ctx, "other", "2")
	require.ErrorIs(t, err, metastore.ErrNotFound)

	n, err := db.DeleteExpiredObjects(ctx, epoch.Add(time.Hour))
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	require.NoError(t, db.DeleteObject(ctx, "a", "k", "1"))
	require.ErrorIs(t, db.DeleteObject(ctx, "a", "k", "1"), metastore.ErrNotFound)
	_, err = db.Object(ctx, "b", "k", "1")
	require.NoError(t, err, "another tenant's stays")
	require.NoError(t, db.DeleteObjectsOf(ctx, "a", "k", "p"))
	all, err = db.Objects(ctx, "a", "k", false)
	require.NoError(t, err)
	require.Empty(t, all)

	for i := range 5 {
		o := metastore.Object{Kind: "h", ID: fmt.Sprint(i), Owner: "ann", Document: []byte(`{}`), UpdatedAt: epoch.Add(time.Duration(i) * time.Second)}
		require.NoError(t, db.PutObject(ctx, "a", o, metastore.ObjectLimits{}))
	}
	require.NoError(t, db.TrimObjects(ctx, "a", "h", "ann", "", 2))
	all, err = db.Objects(ctx, "a", "h", false)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, "3", all[0].ID)
}

func TestAnnotationsRiseAndTheOldestGo(t *testing.T) {
	ctx, db := t.Context(), open(t, t.TempDir())
	var numbers []int64
	for i := range 5 {
		at := epoch.Add(time.Duration(i) * time.Minute)
		n, err := db.CreateAnnotation(ctx, "a", metastore.Annotation{Time: at, End: at.Add(90 * time.Second), Text: fmt.Sprint(i), Tags: []string{"x"}, UpdatedAt: epoch}, 4)
		require.NoError(t, err)
		numbers = append(numbers, n)
	}
	require.IsIncreasing(t, numbers)
	read := func(start, end time.Time) (out []string) {
		require.NoError(t, db.EachAnnotation(ctx, "a", start, end, func(a metastore.Annotation) bool {
			out = append(out, a.Text)
			return true
		}))
		return out
	}
	require.Equal(t, []string{"4", "3", "2", "1"}, read(epoch, epoch.Add(time.Hour)), "the oldest went, the newest is first")
	require.Equal(t, []string{"2", "1"}, read(epoch.Add(2*time.Minute), epoch.Add(150*time.Second)), "those that touch the time")
	a, err := db.Annotation(ctx, "a", numbers[4])
	require.NoError(t, err)
	a.Text = "changed"
	require.NoError(t, db.UpdateAnnotation(ctx, "a", a))
	require.ErrorIs(t, db.UpdateAnnotation(ctx, "b", a), metastore.ErrNotFound)
	require.NoError(t, db.DeleteAnnotation(ctx, "a", a.ID))
	n, err := db.CreateAnnotation(ctx, "a", metastore.Annotation{Time: epoch, End: epoch, UpdatedAt: epoch.Add(time.Second)}, 4)
	require.NoError(t, err)
	require.Greater(t, n, a.ID, "a number is not given twice")
}
