using System.Globalization;
using System.Text.Json;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Influx;

/// <summary>What one query of a dashboard gives.</summary>
internal sealed class PanelAnswer(InfluxdServer store, string title, string query)
{
    /// <summary>One number: a stat panel.</summary>
    public async Task IsAsync(double expected)
    {
        double[] values = Values(Assert.Single(await SeriesAsync()), 1);
        Assert.Equal(expected, Assert.Single(values), expected * 1e-7);
    }

    /// <summary>A series over time: how many values a column has, the first of them and the last.</summary>
    public async Task HasAsync(string tag, int column, int count, double first, double last)
    {
        JsonElement series = Assert.Single(await SeriesAsync(), series => tag.Length == 0
            || series.GetProperty("tags").EnumerateObject().Any(t => $"{t.Name}={t.Value.GetString()}" == tag));
        double[] values = Values(series, column);
        Assert.True(values.Length == count, $"{title}: {values.Length} values, not {count}");
        Assert.Equal(first, values[0], Math.Abs(first) * 1e-6);
        Assert.Equal(last, values[^1], Math.Abs(last) * 1e-6);
    }

    /// <summary>A table: how many rows, and some of the cells.</summary>
    public async Task TableAsync(int rows, params string[] cells)
    {
        JsonElement[][] table =
        [
            .. (await SeriesAsync()).SelectMany(series => series.GetProperty("values").EnumerateArray()).Select(row => row.EnumerateArray().ToArray()),
        ];
        Assert.True(table.Length == rows, $"{title}: {table.Length} rows, not {rows}");
        string[] all = [.. table.SelectMany(row => row).Select(cell => cell.ValueKind == JsonValueKind.Number
            ? Math.Round(cell.GetDouble(), 3).ToString(CultureInfo.InvariantCulture)
            : cell.GetString() ?? "")];
        Assert.All(cells, cell => Assert.Contains(cell, all));
    }

    /// <summary>Nothing, because nothing happened there.</summary>
    public async Task NothingAsync() => Assert.Empty(await store.QueryAsync(query));

    private async Task<IReadOnlyList<JsonElement>> SeriesAsync()
    {
        IReadOnlyList<JsonElement> series = await store.QueryAsync(query);
        Assert.True(series.Count > 0, $"{title} shows nothing: {query}");
        return series;
    }

    private static double[] Values(JsonElement series, int column) =>
        [.. series.GetProperty("values").EnumerateArray().Select(row => row[column]).Where(cell => cell.ValueKind == JsonValueKind.Number).Select(cell => cell.GetDouble())];
}
