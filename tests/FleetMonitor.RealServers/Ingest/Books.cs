using System.Globalization;
using System.Text;
using System.Text.Json;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>Energy of one device on one local day, in kWh, by quality.</summary>
internal readonly record struct BookedEnergy(decimal Register, decimal Integrated, decimal Estimated)
{
    public decimal Total => Register + Integrated + Estimated;

    public static BookedEnergy operator +(BookedEnergy left, BookedEnergy right) =>
        new(left.Register + right.Register, left.Integrated + right.Integrated, left.Estimated + right.Estimated);
}

/// <summary>What <c>levy totals --group device,day</c> says.</summary>
internal sealed class Books
{
    private readonly SortedDictionary<(string Device, DateOnly Day), BookedEnergy> _rows = [];

    public IReadOnlyDictionary<(string Device, DateOnly Day), BookedEnergy> Rows => _rows;

    public static Books Parse(string json)
    {
        var books = new Books();
        using JsonDocument document = JsonDocument.Parse(json);
        foreach (JsonElement row in document.RootElement.GetProperty("rows").EnumerateArray())
        {
            (string, DateOnly) key = (
                $"{row.GetProperty("site").GetString()}/{row.GetProperty("device").GetString()}",
                DateOnly.Parse(row.GetProperty("day").GetString()!, CultureInfo.InvariantCulture));
            books._rows[key] = books._rows.GetValueOrDefault(key) + new BookedEnergy(
                row.GetProperty("registerKwh").GetDecimal(),
                row.GetProperty("integratedKwh").GetDecimal(),
                row.GetProperty("estimatedKwh").GetDecimal());
        }

        return books;
    }

    public BookedEnergy Of(string device) =>
        _rows.Where(row => row.Key.Device == device).Aggregate(default(BookedEnergy), (sum, row) => sum + row.Value);

    public BookedEnergy Of(string device, DateOnly day) => _rows.GetValueOrDefault((device, day));

    /// <summary>One line a row, to compare books by.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (((string device, DateOnly day), BookedEnergy energy) in _rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{device} {day:yyyy-MM-dd} register {energy.Register} integrated {energy.Integrated} ")
                .Append(CultureInfo.InvariantCulture, $"estimated {energy.Estimated}\n");
        }

        return text.ToString();
    }
}
