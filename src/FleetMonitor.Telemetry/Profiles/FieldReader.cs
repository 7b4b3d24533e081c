using System.Text;
using System.Text.Json;
using FleetMonitor.Fleet.Json;
using FleetMonitor.Telemetry.Decoding;
using FleetMonitor.Telemetry.Numbers;

namespace FleetMonitor.Telemetry.Profiles;

/// <summary>Reads the fields of one message of a profile, and gives each path its slot.</summary>
internal sealed class FieldReader(ProblemList problems, PayloadKind payload)
{
    private const int MaxSlots = 64;
    private const string PathFix = "write a path such as \"ENERGY.Power\", or a list of paths, the first present one wins";

    private static readonly Dictionary<string, DeviceStatus> StatusNames = new(StringComparer.Ordinal)
    {
        ["off"] = DeviceStatus.Off,
        ["idle"] = DeviceStatus.Idle,
        ["mining"] = DeviceStatus.Mining,
        ["fault"] = DeviceStatus.Fault,
        ["unknown"] = DeviceStatus.Unknown,
    };

    public PathNode Root { get; } = new();

    public int Slots { get; private set; }

    /// <returns>Null where the field is absent or wrong.</returns>
    public FieldSource? Quantity(JsonObjectReader message, string key, FieldKind kind, Units units)
    {
        // Degrees Celsius are the only unit of temperature, so there is nothing to state. Only hash rates are sent with their unit, and
        // only there does the letters' case not matter: elsewhere m and M are a thousand million apart.
        bool hasUnit = kind != FieldKind.Temperature;
        ReadOnlySpan<string> keys = kind switch
        {
            FieldKind.Temperature => ["path", "arrays"],
            FieldKind.HashRate => ["path", "unit", "arrays", "unitPath"],
            _ => ["path", "unit", "arrays"],
        };
        if (message.Find(key) is not { } node || JsonObjectReader.Open(node, problems, keys) is not { } reader)
        {
            return null;
        }

        (int first, string[] paths) = Paths(reader);
        int unitSlot = -1;
        string? unitPath = kind == FieldKind.HashRate ? reader.Text("unitPath") : null;
        if (unitPath is not null)
        {
            unitSlot = Slot(reader.Find("unitPath")!, unitPath);
        }

        string? arrays = reader.Text("arrays");
        if (arrays is not null and not "sum")
        {
            problems.Add(reader.Find("arrays")!, "not a known value", "write \"sum\" where a list holds one value a phase, or leave it out");
        }

        return new FieldSource
        {
            Kind = kind,
            FirstSlot = first,
            Paths = paths,
            Units = units,
            Scale = hasUnit ? Unit(reader, units) : units.Named("°C")!.Value,
            UnitSlot = unitSlot,
            UnitPath = unitPath,
            SumsLists = arrays == "sum",
        };
    }

    /// <returns>Null where the profile names no phases, or where what it says of them is wrong.</returns>
    public PhaseSource? Phases(JsonObjectReader message)
    {
        if (message.Find("phases") is not { } node || JsonObjectReader.Open(node, problems, "a", "b", "c", "unit") is not { } reader)
        {
            return null;
        }

        int first = Slots;
        foreach (string phase in (ReadOnlySpan<string>)["a", "b", "c"])
        {
            if (reader.Require(phase, "write the path to the value of each of a, b and c") is { } where && reader.Text(phase) is { } path)
            {
                Slot(where, path);
            }
        }

        Scale scale = Unit(reader, Units.PowerOrCurrent);
        bool isPower = reader.Text("unit") is { } unit && Units.Power.Named(unit) is not null;
        return Slots == first + 3 ? new PhaseSource(isPower ? PhaseQuantity.Power : PhaseQuantity.Current, first, scale) : null;
    }

    public FieldSource? Device(JsonObjectReader message)
    {
        if (message.Find("device") is not { } node || JsonObjectReader.Open(node, problems, "path") is not { } reader)
        {
            return null;
        }

        (int first, string[] paths) = Paths(reader);
        return new FieldSource { Kind = FieldKind.Device, FirstSlot = first, Paths = paths };
    }

    public FieldSource? Time(JsonObjectReader message)
    {
        if (message.Find("time") is not { } node || JsonObjectReader.Open(node, problems, "path", "format") is not { } reader)
        {
            return null;
        }

        (int first, string[] paths) = Paths(reader);
        var texts = new List<ClockText>();
        Scale? epoch = null;
        if (reader.Require("format", FormatFix) is not null)
        {
            foreach ((JsonNode where, string format) in Texts(reader, "format", FormatFix))
            {
                Scale? numeric = format switch { "epoch-s" => new Scale(3), "epoch-ms" => Scale.Unit, _ => null };
                ClockText? text = format == "rfc3339" ? ClockText.Rfc3339 : numeric is null ? ClockText.FromPattern(format) : null;
                if (numeric is not null && epoch is not null)
                {
                    problems.Add(where, "a number cannot be two kinds of time", "keep one of epoch-s and epoch-ms");
                }
                else if (numeric is null && text is null)
                {
                    problems.Add(where, "not a known format", FormatFix);
                }

                epoch ??= numeric;
                texts.AddRange(text is null ? [] : [text]);
            }
        }

        return new FieldSource { Kind = FieldKind.Time, FirstSlot = first, Paths = paths, Texts = [.. texts], Epoch = epoch };
    }

    public FieldSource? Status(JsonObjectReader message)
    {
        if (message.Find("status") is not { } node || JsonObjectReader.Open(node, problems, "path", "values") is not { } reader)
        {
            return null;
        }

        (int first, string[] paths) = Paths(reader);
        var statuses = new List<(byte[], DeviceStatus)>();
        if (reader.Require("values", "map the device's words, as in {\"hashing\":\"mining\"}") is { } values)
        {
            if (values.Element.ValueKind != JsonValueKind.Object)
            {
                problems.Add(values, "expected an object", "map the device's words, as in {\"hashing\":\"mining\"}");
                return null;
            }

            foreach (JsonProperty property in values.Element.EnumerateObject())
            {
                if (JsonObjectReader.ChoiceOf(values.Member(property.Name, property.Value), problems, StatusNames) is { } status)
                {
                    statuses.Add((Encoding.UTF8.GetBytes(property.Name), status));
                }
            }
        }

        return new FieldSource { Kind = FieldKind.Status, FirstSlot = first, Paths = paths, Statuses = [.. statuses] };
    }

    private const string FormatFix =
        "write rfc3339, epoch-s, epoch-ms, or a pattern such as \"yyyy/MM/dd HH:mm:ss\"; or a list of them";

    private Scale Unit(JsonObjectReader field, Units units)
    {
        string known = string.Join(", ", units.Names);
        if (field.Require("unit", $"use one of {known}") is not { } node || field.Text("unit") is not { } name)
        {
            return Scale.Unit;
        }

        if (units.Named(name) is { } scale)
        {
            return scale;
        }

        problems.Add(node, $"not {units.Description}", $"use one of {known}");
        return Scale.Unit;
    }

    /// <summary>The slots of the field's paths, which follow each other.</summary>
    private (int First, string[] Paths) Paths(JsonObjectReader field)
    {
        if (payload == PayloadKind.Number)
        {
            if (field.Find("path") is { } path)
            {
                problems.Add(path, "a bare number has no paths", "leave the path out");
            }

            return (0, []);
        }

        int first = Slots;
        var paths = new List<string>();
        if (field.Require("path", PathFix) is not null)
        {
            foreach ((JsonNode where, string path) in Texts(field, "path", PathFix))
            {
                Slot(where, path);
                paths.Add(path);
            }
        }

        return (first, [.. paths]);
    }

    private int Slot(JsonNode where, string path)
    {
        if (JsonPath.Parse(path) is not { } steps)
        {
            problems.Add(where, "not a path", PathFix);
            return 0;
        }

        if (Slots == MaxSlots)
        {
            problems.Add(where, $"more than {MaxSlots} paths in one message", "leave some out");
            return 0;
        }

        Root.Add(steps, Slots);
        return Slots++;
    }

    /// <summary>A text, or a list of texts.</summary>
    private IEnumerable<(JsonNode Where, string Text)> Texts(JsonObjectReader owner, string key, string fix)
    {
        JsonNode node = owner.Find(key)!;
        IEnumerable<JsonNode> items = node.Element.ValueKind == JsonValueKind.Array ? owner.Items(key) : [node];
        foreach (JsonNode item in items)
        {
            if (item.Element.ValueKind == JsonValueKind.String && item.Element.GetString() is { Length: > 0 } text)
            {
                yield return (item, text);
            }
            else
            {
                problems.Add(item, $"expected a text, found {JsonObjectReader.Named(item.Element)}", fix);
            }
        }
    }
}
