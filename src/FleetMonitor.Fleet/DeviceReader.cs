using System.Text.Json;
using FleetMonitor.Fleet.Json;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Fleet;

/// <summary>Reads one device of the fleet file.</summary>
internal sealed class DeviceReader(ProblemList problems)
{
    /// <summary>A gigawatt: no device draws more, and its milliwatts fit well into a <see cref="long"/>.</summary>
    private const decimal MostWatts = 1_000_000_000m;
    private const decimal MostTerahashes = 1_000_000_000m;

    /// <summary>What fits into <see cref="Energy"/>, in kWh.</summary>
    private const decimal MostKilowattHours = 9_000_000_000m;

    private const string IdFix = "1 to 128 bytes, no / + #, no control characters, no space at either end";

    /// <param name="node">The device's object.</param>
    /// <param name="controlMeters">The ids that the site lists as control meters.</param>
    public Device? Read(JsonNode node, IReadOnlySet<string> controlMeters)
    {
        JsonObjectReader? reader = JsonObjectReader.Open(
            node, problems, "id", "role", "model", "fedBy", "rack", "nameplate", "importPermit", "tenant", "registerModulusKwh");
        if (reader is null || reader.Require("id", IdFix) is not { } idNode || ReadId(idNode, problems) is not { } id)
        {
            return null;
        }

        DeviceRole? role = reader.Choice("role", FleetNames.Roles);
        if (role is not null and not DeviceRole.ControlMeter && controlMeters.Contains(id))
        {
            problems.Add(
                reader.Find("role")!,
                "the site lists this device under controlMeters",
                "write \"control-meter\", or take it out of controlMeters");
        }

        decimal? modulus = reader.Number("registerModulusKwh", MostKilowattHours, aboveZero: true);
        return new Device
        {
            Id = id,
            Role = role ?? (controlMeters.Contains(id) ? DeviceRole.ControlMeter : DeviceRole.Rig),
            Model = reader.Text("model"),
            FedBy = reader.Text("fedBy"),
            Rack = reader.Text("rack"),
            Nameplate = ReadNameplate(reader),
            ImportPermit = reader.Text("importPermit"),
            Tenant = DatedReader.Read<string>(reader, "tenant", problems, TryReadText),
            RegisterModulus = modulus is { } kilowattHours ? Energy.FromWattHours(kilowattHours * 1_000m) : null,
        };
    }

    /// <returns>Null, with the problem noted, where the value is no id.</returns>
    public static string? ReadId(JsonNode node, ProblemList problems)
    {
        string? id = node.Element.ValueKind == JsonValueKind.String ? node.Element.GetString() : null;
        if (Identifier.IsValid(id))
        {
            return id;
        }

        problems.Add(node, "not an id", IdFix);
        return null;
    }

    private Nameplate? ReadNameplate(JsonObjectReader device)
    {
        if (device.Find("nameplate") is not { } node
            || JsonObjectReader.Open(node, problems, "powerW", "hashrateThs") is not { } reader)
        {
            return null;
        }

        reader.Require("powerW", "write the power in watts that the plate states");
        decimal? watts = reader.Number("powerW", MostWatts, aboveZero: true);
        decimal? terahashes = reader.Number("hashrateThs", MostTerahashes, aboveZero: true);
        return watts is { } power
            ? new Nameplate(Power.FromWatts(power), terahashes is { } rate ? HashRate.FromTerahashes(rate) : null)
            : null;
    }

    private bool TryReadText(JsonNode node, out string value)
    {
        value = node.Element.ValueKind == JsonValueKind.String ? node.Element.GetString()! : string.Empty;
        if (!string.IsNullOrWhiteSpace(value))
        {
            return true;
        }

        problems.Add(node, "expected a text", "write a name in quotes");
        return false;
    }
}
