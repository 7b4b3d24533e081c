using System.Globalization;
using System.Text.Json;

namespace FleetMonitor.Tests.Http;

/// <summary>
/// Holds JSON against a schema of an OpenAPI 3.1 document, as far as this one goes, and more strictly than JSON Schema would: a member that
/// is not described is a fault too, and so is a keyword that is not known here.
/// </summary>
internal sealed class SchemaCheck(JsonElement document)
{
    private readonly List<string> _faults = [];

    public IReadOnlyList<string> Faults => _faults;

    public void Check(JsonElement value, JsonElement schema, string at)
    {
        if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out JsonElement reference))
        {
            Check(value, Resolve(reference.GetString()!), at);
            return;
        }

        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            switch (keyword.Name)
            {
                case "type":
                    CheckType(value, keyword.Value, at);
                    break;
                case "format":
                    CheckFormat(value, keyword.Value.GetString()!, at);
                    break;
                case "required":
                    foreach (string? name in keyword.Value.EnumerateArray().Select(name => name.GetString()))
                    {
                        if (value.ValueKind == JsonValueKind.Object && !value.TryGetProperty(name!, out _))
                        {
                            _faults.Add($"{at}: no {name}");
                        }
                    }

                    break;
                case "items":
                    if (value.ValueKind == JsonValueKind.Array)
                    {
                        foreach (JsonElement item in value.EnumerateArray())
                        {
                            Check(item, keyword.Value, $"{at}[]");
                        }
                    }

                    break;
                case "oneOf":
                    CheckOneOf(value, keyword.Value, at);
                    break;
                case "properties" or "additionalProperties" or "description":
                    break;
                default:
                    _faults.Add($"{at}: the schema has {keyword.Name}, which is not known here");
                    break;
            }
        }

        CheckMembers(value, schema, at);
    }

    public JsonElement Resolve(string reference)
    {
        JsonElement found = document;
        foreach (string part in reference.TrimStart('#').TrimStart('/').Split('/'))
        {
            found = found.GetProperty(part);
        }

        return found;
    }

    private void CheckMembers(JsonElement value, JsonElement schema, string at)
    {
        if (value.ValueKind != JsonValueKind.Object || schema.EnumerateObject().All(keyword => keyword.Name is not ("type" or "properties")))
        {
            return;
        }

        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (schema.TryGetProperty("properties", out JsonElement properties) && properties.TryGetProperty(member.Name, out JsonElement described))
            {
                Check(member.Value, described, $"{at}.{member.Name}");
            }
            else if (schema.TryGetProperty("additionalProperties", out JsonElement others))
            {
                Check(member.Value, others, $"{at}.*");
            }
            else
            {
                _faults.Add($"{at}: {member.Name} is not described");
            }
        }
    }

    private void CheckOneOf(JsonElement value, JsonElement choices, string at)
    {
        int fit = choices.EnumerateArray().Count(choice =>
        {
            var check = new SchemaCheck(document);
            check.Check(value, choice, at);
            return check.Faults.Count == 0;
        });
        if (fit != 1)
        {
            _faults.Add($"{at}: fits {fit} of the {choices.GetArrayLength()} it may be");
        }
    }

    private void CheckType(JsonElement value, JsonElement type, string at)
    {
        string[] allowed = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(one => one.GetString()!)] : [type.GetString()!];
        if (!allowed.Any(one => Is(value, one)))
        {
            _faults.Add($"{at}: {value.ValueKind} is not {string.Join(" or ", allowed)}");
        }
    }

    private void CheckFormat(JsonElement value, string format, string at)
    {
        bool fits = value.ValueKind == JsonValueKind.Null || format switch
        {
            "date" => DateOnly.TryParseExact(value.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "date-time" => value.TryGetDateTimeOffset(out _),
            "int32" => value.TryGetInt32(out _),
            "int64" => value.TryGetInt64(out _),
            "double" => value.TryGetDouble(out _),
            _ => false,
        };
        if (!fits)
        {
            _faults.Add($"{at}: {value} is not of the format {format}");
        }
    }

    private static bool Is(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => false,
    };
}
