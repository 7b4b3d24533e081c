using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry.Numbers;

namespace FleetMonitor.Telemetry.Profiles;

/// <summary>Reads one profile file, strictly; what its keys mean stands in <c>config/profiles/README.md</c>.</summary>
internal sealed class ProfileReader(ProblemList problems)
{
    private const decimal MostKilowattHours = 9_000_000_000m;

    /// <summary>Finer than any register of interest, coarse enough to forgive its rounding.</summary>
    private const decimal UsualStepWattHours = 1m;

    private static readonly FrozenDictionary<string, PayloadKind> Kinds = new Dictionary<string, PayloadKind>
    {
        ["json"] = PayloadKind.Json,
        ["number"] = PayloadKind.Number,
        ["presence"] = PayloadKind.Presence,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <returns>Null where the file is wrong as a whole; where a part is, the problems say so.</returns>
    public Profile? Read(ReadOnlyMemory<byte> utf8)
    {
        using JsonDocument? document = problems.Open(utf8);
        if (document is null
            || JsonObjectReader.Open(
                JsonNode.Root(document.RootElement), problems, "name", "site", "timeZone", "numericStrings", "register", "messages")
            is not { } reader)
        {
            return null;
        }

        reader.Require("name", "name the device type");
        reader.Require("messages", "list the messages that the device sends");
        var messages = new List<MessageShape>();
        foreach (JsonNode node in reader.Items("messages"))
        {
            if (ReadMessage(node) is { } message)
            {
                messages.Add(message);
            }
        }

        var profile = new Profile(
            reader.Text("name") ?? string.Empty,
            ReadSite(reader),
            ReadZone(reader),
            reader.Flag("numericStrings", otherwise: false),
            ReadTraits(reader),
            messages);
        foreach (MessageShape message in messages)
        {
            message.Profile = profile;
        }

        return profile;
    }

    private string? ReadSite(JsonObjectReader profile)
    {
        string? site = profile.Text("site");
        if (site is not null && !Identifier.IsValid(site))
        {
            problems.Add(profile.Find("site")!, "not an id", "write the id of a site");
        }

        return site;
    }

    private TimeZoneInfo? ReadZone(JsonObjectReader profile)
    {
        if (profile.Text("timeZone") is not { } name)
        {
            return null;
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone))
        {
            problems.Add(profile.Find("timeZone")!, "not a time zone known here", "use an IANA name such as \"Asia/Almaty\"");
        }

        return zone;
    }

    private RegisterTraits ReadTraits(JsonObjectReader profile)
    {
        decimal? modulus = null;
        decimal? step = null;
        if (profile.Find("register") is { } node
            && JsonObjectReader.Open(node, problems, "modulusKwh", "displayStepWh") is { } reader)
        {
            modulus = reader.Number("modulusKwh", MostKilowattHours, aboveZero: true);
            step = reader.Number("displayStepWh", MostKilowattHours, aboveZero: true);
        }

        return new RegisterTraits(
            modulus is { } kilowattHours ? Energy.FromWattHours(kilowattHours * 1_000m) : null,
            Energy.FromWattHours(step ?? UsualStepWattHours));
    }

    private MessageShape? ReadMessage(JsonNode node)
    {
        if (JsonObjectReader.Open(
            node, problems, "topic", "payload", "mustMeasure", "online", "offline", "device", "time", "power", "register", "hashRate",
            "temperature", "status", "phases") is not { } reader)
        {
            return null;
        }

        PayloadKind kind = reader.Choice("payload", Kinds) ?? PayloadKind.Json;
        TopicPattern? topic = ReadTopic(reader);
        var fields = new FieldReader(problems, kind);
        FieldSource?[] read =
        [
            fields.Device(reader),
            fields.Quantity(reader, "power", FieldKind.Power, Units.Power),
            fields.Quantity(reader, "register", FieldKind.Register, Units.Energy),
            fields.Quantity(reader, "hashRate", FieldKind.HashRate, Units.HashRate),
            fields.Quantity(reader, "temperature", FieldKind.Temperature, Units.Temperature),
            fields.Status(reader),
            fields.Time(reader),
        ];
        FieldSource[] present = [.. read.OfType<FieldSource>()];
        PhaseSource? phases = fields.Phases(reader);
        CheckFields(reader, kind, present);
        if (kind != PayloadKind.Json && reader.Find("phases") is { } misplaced)
        {
            problems.Add(misplaced, "only a json payload has phases", "leave it out");
        }

        if (topic is not null && topic.HasDevice == Array.Exists(present, field => field.Kind == FieldKind.Device))
        {
            problems.Add(
                reader.Find("topic")!,
                topic.HasDevice ? "both topic and payload name the device" : "nothing names the device",
                "write {device} into the topic, or give a path to it as \"device\":{\"path\":…}");
        }

        return topic is null ? null : new MessageShape(topic, kind)
        {
            MustMeasure = reader.Flag("mustMeasure", otherwise: false),
            Online = ReadWord(reader, "online", kind),
            Offline = ReadWord(reader, "offline", kind),
            Fields = present,
            Phases = phases,
            Paths = fields.Root,
            Slots = fields.Slots,
        };
    }

    private TopicPattern? ReadTopic(JsonObjectReader message)
    {
        const string Fix = "write a topic such as \"tele/{device}/SENSOR\"";
        if (message.Require("topic", Fix) is not { } node || message.Text("topic") is not { } text)
        {
            return null;
        }

        TopicPattern? pattern = TopicPattern.Parse(text, out string? problem);
        if (pattern is null)
        {
            problems.Add(node, problem!, Fix);
        }

        return pattern;
    }

    private byte[] ReadWord(JsonObjectReader message, string key, PayloadKind kind)
    {
        if (kind == PayloadKind.Presence)
        {
            message.Require(key, "write the payload that says so");
        }
        else if (message.Find(key) is { } node)
        {
            problems.Add(node, "only a presence payload has such a word", "leave it out, or write \"payload\":\"presence\"");
        }

        return Encoding.UTF8.GetBytes(message.Text(key) ?? string.Empty);
    }

    private void CheckFields(JsonObjectReader message, PayloadKind kind, FieldSource[] fields)
    {
        int measured = fields.Count(field => field.Kind is not (FieldKind.Device or FieldKind.Time));
        (bool Right, string Fix) check = kind switch
        {
            PayloadKind.Number => (
                fields.Length == 1 && fields[0].Kind is >= FieldKind.Power and <= FieldKind.Temperature,
                "give exactly one of power, register, hashRate, temperature"),
            PayloadKind.Presence => (fields.Length == 0, "leave the fields out: the payload is a word"),
            _ => (measured > 0, "give at least one of power, register, hashRate, temperature, status"),
        };
        if (!check.Right)
        {
            problems.Add(message.Node, "the fields do not suit the payload", check.Fix);
        }
    }
}
