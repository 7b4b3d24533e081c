using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace FleetMonitor.Levy;

/// <summary>Reads values out of a schedule file, noting each problem with its path and going on, so that one run finds them all.</summary>
internal sealed partial class ScheduleJson
{
    public List<ScheduleProblem> Problems { get; } = [];

    public void Problem(string path, string message) => Problems.Add(new ScheduleProblem(path, message));

    /// <summary>The object's known properties; anything else in it is a problem, since a misspelt rule would silently not apply.</summary>
    public Dictionary<string, JsonElement> Object(JsonElement element, string path, params ReadOnlySpan<string> known)
    {
        var properties = new Dictionary<string, JsonElement>();
        if (element.ValueKind != JsonValueKind.Object)
        {
            Problem(path, $"must be an object, not {Shown(element)}");
            return properties;
        }

        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (known.Contains(property.Name))
            {
                properties[property.Name] = property.Value;
            }
            else
            {
                Problem($"{path}.{property.Name}", $"is not known here; known are {string.Join(", ", known.ToArray())}");
            }
        }

        return properties;
    }

    public IEnumerable<(JsonElement Element, string Path)> Items(
        Dictionary<string, JsonElement> properties, string name, string path, bool required)
    {
        string itemsPath = $"{path}.{name}";
        if (!properties.TryGetValue(name, out JsonElement element))
        {
            if (required)
            {
                Problem(itemsPath, "is missing");
            }

            return [];
        }

        if (element.ValueKind != JsonValueKind.Array)
        {
            Problem(itemsPath, $"must be a list, not {Shown(element)}");
            return [];
        }

        if (required && element.GetArrayLength() == 0)
        {
            Problem(itemsPath, "must not be empty");
        }

        return element.EnumerateArray().Select((item, index) => (item, $"{itemsPath}[{index}]")).ToList();
    }

    public string? Text(Dictionary<string, JsonElement> properties, string name, string path, bool required = true)
    {
        if (!properties.TryGetValue(name, out JsonElement element))
        {
            if (required)
            {
                Problem($"{path}.{name}", "is missing");
            }

            return null;
        }

        return TextOf(element, $"{path}.{name}");
    }

    public string? TextOf(JsonElement element, string path)
    {
        if (element.ValueKind == JsonValueKind.String && element.GetString() is { } text && !string.IsNullOrWhiteSpace(text))
        {
            return text;
        }

        Problem(path, $"must be a text, not {Shown(element)}");
        return null;
    }

    public string? Code(Dictionary<string, JsonElement> properties, string name, string path)
    {
        string? code = Text(properties, name, path);
        if (code is not null && !KebabCase().IsMatch(code))
        {
            Problem($"{path}.{name}", $"'{code}' must be kebab-case: lower-case letters and digits, joined by single hyphens");
        }

        return code;
    }

    public DateOnly? Date(Dictionary<string, JsonElement> properties, string name, string path, bool required = false)
    {
        string? text = Text(properties, name, path, required);
        if (text is null)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
        {
            return day;
        }

        Problem($"{path}.{name}", $"'{text}' is not a date such as 2026-01-01");
        return null;
    }

    /// <summary>A number from zero to below a million, with at most six decimals, so that amounts stay exact; null for JSON null.</summary>
    public decimal? Number(Dictionary<string, JsonElement> properties, string name, string path, bool required = true)
    {
        string numberPath = $"{path}.{name}";
        if (!properties.TryGetValue(name, out JsonElement element))
        {
            if (required)
            {
                Problem(numberPath, "is missing; write null where the figure is not known");
            }

            return null;
        }

        if (element.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Number || !element.TryGetDecimal(out decimal value))
        {
            Problem(numberPath, $"must be a number, not {Shown(element)}");
            return null;
        }

        if (value < 0m)
        {
            Problem(numberPath, $"{Shown(element)} must not be negative");
            return null;
        }

        if (value >= 1_000_000m || decimal.Round(value, 6) != value)
        {
            Problem(numberPath, $"{Shown(element)} must be below 1000000 with at most 6 decimals");
            return null;
        }

        return value;
    }

    public int? Whole(Dictionary<string, JsonElement> properties, string name, string path, int from, int to)
    {
        if (properties.TryGetValue(name, out JsonElement element)
            && element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int value) && value >= from && value <= to)
        {
            return value;
        }

        Problem($"{path}.{name}", $"must be a whole number from {from} to {to}");
        return null;
    }

    /// <summary>One of a few words, mapped to what it stands for.</summary>
    public T? Word<T>(
        Dictionary<string, JsonElement> properties, string name, string path, IReadOnlyDictionary<string, T> words, T? absent = null)
        where T : struct
    {
        if (!properties.TryGetValue(name, out JsonElement element))
        {
            if (absent is null)
            {
                Problem($"{path}.{name}", $"is missing; known are {string.Join(", ", words.Keys)}");
            }

            return absent;
        }

        return WordOf(element, $"{path}.{name}", words);
    }

    public T? WordOf<T>(JsonElement element, string path, IReadOnlyDictionary<string, T> words)
        where T : struct
    {
        if (element.ValueKind == JsonValueKind.String && words.TryGetValue(element.GetString()!, out T value))
        {
            return value;
        }

        Problem(path, $"{Shown(element)} is not known; known are {string.Join(", ", words.Keys)}");
        return null;
    }

    public BilingualText Bilingual(Dictionary<string, JsonElement> properties, string name, string path)
    {
        if (!properties.TryGetValue(name, out JsonElement element))
        {
            Problem($"{path}.{name}", "is missing");
            return new BilingualText(string.Empty, string.Empty);
        }

        Dictionary<string, JsonElement> names = Object(element, $"{path}.{name}", "en", "ru");
        return new BilingualText(
            Text(names, "en", $"{path}.{name}") ?? string.Empty,
            Text(names, "ru", $"{path}.{name}") ?? string.Empty);
    }

    private static string Shown(JsonElement element)
    {
        string text = element.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "…";
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex KebabCase();
}
