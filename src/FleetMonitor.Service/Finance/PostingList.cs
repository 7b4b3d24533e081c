using System.Globalization;
using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;

namespace FleetMonitor.Service.Finance;

/// <summary>
/// One page of the chain's postings, as the command prints and the API answers it. Each row also says by which rate its day is charged now, and
/// whether its device is billed: with those, the rows of a statement's line are those of its site, period and rate that count.
/// </summary>
/// <param name="Next">What the next page goes on after; null on the last.</param>
internal sealed record PostingList(IReadOnlyList<PostingRow> Rows, string? Next)
{
    /// <summary>So that a page is answered in a moment; who wants a full site's quarter turns pages, or reads CSV page by page.</summary>
    public const int MostRows = 100_000;

    private static readonly string[] Columns =
    [
        "seq", "kind", "site", "device", "day", "period", "rate", "counts", "energyKwh", "registerKwh", "integratedKwh", "estimatedKwh", "charge",
        "amount", "currency", "reason", "by", "postedAt", "prevHash", "hash",
    ];

    /// <summary>Which columns CSV has, in words.</summary>
    public static string Described => $"the columns {string.Join(", ", Columns)}";

    public static PostingList Of(BooksView books, PostingFilter filter, int limit)
    {
        var rated = new Dictionary<(string, DateOnly), string?>();
        List<PostingRow> rows = [.. books.Ledger.Postings(filter).Take(limit + 1).Select(posting => Row(books, posting, rated))];
        return rows.Count <= limit
            ? new PostingList(rows, null)
            : new PostingList(rows[..limit], rows[limit - 1].Posting.Seq.ToString(CultureInfo.InvariantCulture));
    }

    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("rows");
        foreach (PostingRow row in Rows)
        {
            json.WriteStartObject();
            PeriodJson.WritePostingMembers(json, row.Posting);
            json.WriteString("rate", row.Rate);
            json.WriteString("counts", row.Counts);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("next", Next);
        json.WriteEndObject();
    }

    public void WriteCsv(TextWriter output)
    {
        var csv = new CsvWriter(output);
        foreach (string column in Columns)
        {
            csv.Text(column);
        }

        csv.EndRow();
        foreach ((Posting posting, string? rate, string? counts) in Rows)
        {
            PostingDraft entry = posting.Entry;
            csv.Number(posting.Seq).Text(entry.Kind.ToString().ToLowerInvariant()).Text(entry.Site).Text(entry.Device)
                .Text(PeriodJson.Day(entry.Day)).Text(entry.Period.ToString()).Text(rate).Text(counts)
                .Number(entry.Energy.Total.KilowattHours).Number(entry.Energy.Register.KilowattHours)
                .Number(entry.Energy.Integrated.KilowattHours).Number(entry.Energy.Estimated.KilowattHours)
                .Text(entry.Charge).Number(entry.Amount?.Amount).Text(entry.Amount?.Currency).Text(entry.Reason).Text(entry.By)
                .Text(posting.PostedAt.ToString()).Text(posting.PrevHash).Text(posting.Hash)
                .EndRow();
        }
    }

    private static PostingRow Row(BooksView books, Posting posting, Dictionary<(string, DateOnly), string?> rated)
    {
        PostingDraft entry = posting.Entry;
        if (books.Fleet.Site(entry.Site) is not { } site || entry.Amount is not null)
        {
            return new PostingRow(posting, null, null);
        }

        if (!rated.TryGetValue((entry.Site, entry.Day), out string? rate))
        {
            rate = books.Schedule.Rate(site, entry.Day).Code;
            rated.Add((entry.Site, entry.Day), rate);
        }

        bool billed = entry.Device is null || Billing.ClassOf(site, entry.Device) == Billing.Billed(site);
        return new PostingRow(posting, rate, billed ? "billed" : "not-billed");
    }
}

/// <param name="Rate">The code of the rate for the day; null for amounts.</param>
/// <param name="Counts"><c>billed</c>, or <c>not-billed</c> where another device already counts the energy.</param>
internal sealed record PostingRow(Posting Posting, string? Rate, string? Counts);
