using System.Globalization;
using System.Text;
using System.Text.Json;
using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.RealServers.Influx;

/// <summary>One field of one point. Tags as <c>name=value</c>, sorted.</summary>
internal readonly record struct StoredField(string Measurement, string Tags, long Seconds, string Field)
{
    public override string ToString() => $"{Measurement} {Tags} {Seconds} {Field}";
}

/// <summary>Numbers of points, whatever store or text they were read from.</summary>
internal static class StoredPoints
{
    public static async Task<Dictionary<StoredField, double>> ReadAsync(InfluxdServer server, params string[] measurements)
    {
        var points = new Dictionary<StoredField, double>();
        foreach (string measurement in measurements)
        {
            foreach (JsonElement series in await server.QueryAsync($"SELECT * FROM \"{measurement}\" GROUP BY *"))
            {
                string tags = Tags(series.GetProperty("tags").EnumerateObject().Select(tag => (tag.Name, tag.Value.GetString()!)));
                string[] columns = [.. series.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)];
                foreach (JsonElement row in series.GetProperty("values").EnumerateArray())
                {
                    for (int i = 1; i < columns.Length; i++)
                    {
                        if (row[i].ValueKind == JsonValueKind.Number)
                        {
                            points.Add(new StoredField(measurement, tags, row[0].GetInt64(), columns[i]), row[i].GetDouble());
                        }
                    }
                }
            }
        }

        return points;
    }

    /// <param name="expected">The store keeps a corrected value beside the first, in no order: the one that is expected has to be among them.</param>
    public static async Task<Dictionary<StoredField, double>> ReadAsync(
        VictoriaMetricsServer server, IReadOnlyDictionary<StoredField, double> expected, params string[] measurements)
    {
        var points = new Dictionary<StoredField, double>();
        foreach (string measurement in measurements)
        {
            string export = await server.ExportAsync($$"""{__name__=~"{{measurement}}_.+"}""");
            foreach (string line in export.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                using JsonDocument json = JsonDocument.Parse(line);
                JsonElement metric = json.RootElement.GetProperty("metric");
                string field = metric.GetProperty("__name__").GetString()![(measurement.Length + 1)..];
                // Writing as to 1.x, the database comes back as a tag.
                string tags = Tags(metric.EnumerateObject().Where(tag => tag.Name is not ("__name__" or "db")).Select(tag => (tag.Name, tag.Value.GetString()!)));
                JsonElement.ArrayEnumerator times = json.RootElement.GetProperty("timestamps").EnumerateArray();
                foreach (JsonElement value in json.RootElement.GetProperty("values").EnumerateArray())
                {
                    times.MoveNext();
                    var key = new StoredField(measurement, tags, times.Current.GetInt64() / 1_000, field);
                    double wanted = expected.GetValueOrDefault(key, double.NaN);
                    if (!points.TryGetValue(key, out double other) || Math.Abs(value.GetDouble() - wanted) < Math.Abs(other - wanted))
                    {
                        points[key] = value.GetDouble();
                    }
                }
            }
        }

        return points;
    }

    /// <summary>Reads line protocol: as much of it as holds numbers.</summary>
    public static Dictionary<StoredField, double> Parse(string lines)
    {
        var points = new Dictionary<StoredField, double>();
        foreach (string line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = SplitAt(line, ' ');
            string[] series = SplitAt(parts[0], ',');
            string tags = Tags(series.Skip(1).Select(tag => SplitAt(tag, '=')).Select(tag => (Plain(tag[0]), Plain(tag[1]))));
            foreach (string[] field in SplitAt(parts[1], ',').Select(field => SplitAt(field, '=')))
            {
                points[new StoredField(series[0], tags, long.Parse(parts[2], CultureInfo.InvariantCulture), field[0])] =
                    double.Parse(field[1].TrimEnd('i'), CultureInfo.InvariantCulture);
            }
        }

        return points;
    }

    /// <summary>What differs, in words: empty where the store holds exactly what is expected.</summary>
    /// <param name="tolerance">Relative; zero wants the same number.</param>
    public static IReadOnlyList<string> Differences(
        IReadOnlyDictionary<StoredField, double> expected, IReadOnlyDictionary<StoredField, double> stored, double tolerance = 0)
    {
        var differences = new List<string>();
        foreach ((StoredField field, double value) in expected)
        {
            if (!stored.TryGetValue(field, out double found))
            {
                differences.Add($"missing: {field} {value:R}");
            }
            else if (Math.Abs(found - value) > tolerance * Math.Abs(value))
            {
                differences.Add($"{field}: {value:R} expected, {found:R} stored");
            }
        }

        differences.AddRange(stored.Where(field => !expected.ContainsKey(field.Key)).Select(field => $"not expected: {field.Key} {field.Value:R}"));
        return differences;
    }

    private static string Tags(IEnumerable<(string Name, string Value)> tags) =>
        string.Join(' ', tags.OrderBy(tag => tag.Name, StringComparer.Ordinal).Select(tag => $"{tag.Name}={tag.Value}"));

    private static string[] SplitAt(string text, char separator)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length)
            {
                part.Append(text[i]).Append(text[++i]);
            }
            else if (text[i] == separator)
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else
            {
                part.Append(text[i]);
            }
        }

        parts.Add(part.ToString());
        return [.. parts];
    }

    private static string Plain(string escaped) =>
        escaped.Replace("\\,", ",", StringComparison.Ordinal).Replace("\\=", "=", StringComparison.Ordinal).Replace("\\ ", " ", StringComparison.Ordinal);
}
