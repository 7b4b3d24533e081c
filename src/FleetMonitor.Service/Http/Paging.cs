using System.Globalization;
using Microsoft.OpenApi;

namespace FleetMonitor.Service.Http;

/// <summary>How lists are read page by page.</summary>
/// <param name="Limit">How many rows a page has at most.</param>
/// <param name="After">The place where the page before ended; null for the first page.</param>
internal readonly record struct Paging(int Limit, string? After)
{
    public const string LimitName = "limit";
    public const string AfterName = "after";

    private const int MostRows = 1_000;

    /// <summary>The parameters of a list, those of paging last.</summary>
    public static QueryParameter[] Parameters(params QueryParameter[] others) => Parameters(MostRows, others);

    /// <param name="most">Rows on a page at most, and where no limit is given.</param>
    public static QueryParameter[] Parameters(int most, params QueryParameter[] others) =>
    [
        .. others,
        new QueryParameter(LimitName, string.Create(CultureInfo.InvariantCulture, $"Rows on a page, up to {most} (the default)."), JsonSchemaType.Integer),
        new QueryParameter(AfterName, "What the page before gave as next."),
    ];

    public static Paging Of(QueryReader query, int most = MostRows) => new(query.Number(LimitName, most, 1, most), query.After(AfterName));

    /// <summary>A page of rows that are all at hand.</summary>
    /// <param name="placeOf">What no other row of the same query has.</param>
    /// <returns>Null, and the query says why, where no row is at the place that the page before ended with.</returns>
    public (T[] Rows, string? Next)? Page<T>(QueryReader query, IReadOnlyList<T> rows, Func<T, string> placeOf)
    {
        int first = 0;
        if (After is not null)
        {
            while (first < rows.Count && placeOf(rows[first]) != After)
            {
                first++;
            }

            if (first == rows.Count)
            {
                NoSuchPlace(query);
                return null;
            }

            first++;
        }

        T[] page = [.. rows.Skip(first).Take(Limit)];
        return (page, first + page.Length < rows.Count ? QueryReader.Cursor(placeOf(page[^1])) : null);
    }

    public static void NoSuchPlace(QueryReader query) =>
        query.Wrong(AfterName, "write what the page before gave as next; where that row is no longer there, begin again without after");
}
