using System.Text.Json;
using FleetMonitor.Fleet.Json;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Fleet;

/// <summary>Reads one site of the fleet file, with its devices, and checks what they say of each other.</summary>
internal sealed class SiteReader(ProblemList problems, FleetDefaults defaults)
{
    /// <summary>A terawatt, in kW: far beyond any site, and its milliwatts fit into a <see cref="long"/>.</summary>
    private const decimal MostKilowatts = 1_000_000_000m;
    private const decimal MostPrice = 1_000_000m;
    private const int BinDigits = 12;

    public Site? Read(JsonNode node)
    {
        JsonObjectReader? reader = JsonObjectReader.Open(
            node, problems, "id", "name", "timeZone", "basis", "payer", "maxPowerKw", "licence", "ministryNotice", "energySource", "contractPrice",
            "controlMeters", "meterStatus", "curtailments", "devices");
        if (reader is null)
        {
            return null;
        }

        JsonNode? idNode = reader.Require("id", "give the site an id, as it stands in its topics");
        string? id = idNode is null ? null : DeviceReader.ReadId(idNode, problems);
        decimal? maxKilowatts = reader.Number("maxPowerKw", MostKilowatts, aboveZero: true);
        BillingBasis basis = reader.Choice("basis", FleetNames.Bases) ?? BillingBasis.Devices;
        Dictionary<string, Device> devices = ReadDevices(reader);
        CheckFeeds(reader, devices, basis);
        CheckBasis(reader, devices, basis);
        TimeZoneInfo zone = ReadZone(reader);
        (Payer? payer, IReadOnlyList<string> activityCodes) = ReadPayer(reader);
        var site = new Site
        {
            Id = id ?? string.Empty,
            Name = reader.Text("name"),
            TimeZone = zone,
            Basis = basis,
            Payer = payer,
            ActivityCodes = activityCodes,
            MaxPower = maxKilowatts is { } kilowatts ? Power.FromWatts(kilowatts * 1_000m) : null,
            Licence = DatedReader.Read<string>(reader, "licence", problems, TryReadLicence),
            MinistryNotice = DatedReader.Read<string>(reader, "ministryNotice", problems, TryReadNotice),
            EnergySource = DatedReader.Read<EnergySource>(reader, "energySource", problems, ChoiceFrom(FleetNames.EnergySources)),
            ContractPrice = DatedReader.Read<decimal>(reader, "contractPrice", problems, TryReadPrice),
            MeterStatus = DatedReader.Read<MeterStatus>(reader, "meterStatus", problems, ChoiceFrom(FleetNames.MeterStatuses)),
            Curtailments = CurtailmentReader.Read(reader, zone, problems),
            Devices = devices,
        };
        return id is null ? null : site;
    }

    private TimeZoneInfo ReadZone(JsonObjectReader site)
    {
        if (site.Text("timeZone") is not { } name)
        {
            return defaults.TimeZone;
        }

        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone))
        {
            return zone;
        }

        problems.Add(site.Find("timeZone")!, "not a time zone known here", "use an IANA name such as \"Asia/Almaty\"");
        return defaults.TimeZone;
    }

    private (Payer? Payer, IReadOnlyList<string> ActivityCodes) ReadPayer(JsonObjectReader site)
    {
        if (site.Find("payer") is not { } node || JsonObjectReader.Open(node, problems, "name", "bin", "activityCodes") is not { } reader)
        {
            return (null, []);
        }

        reader.Require("name", "name the taxpayer");
        reader.Require("bin", "write the taxpayer's 12-digit number in quotes");
        string? name = reader.Text("name");
        string? bin = reader.Text("bin");
        if (bin is not null && (bin.Length != BinDigits || !bin.All(char.IsAsciiDigit)))
        {
            problems.Add(reader.Find("bin")!, "not a taxpayer number", "write 12 digits in quotes");
        }

        var codes = new List<string>();
        foreach (JsonNode code in reader.Items("activityCodes"))
        {
            if (code.Element.ValueKind == JsonValueKind.String && code.Element.GetString() is { Length: > 0 } text && text.All(char.IsAsciiDigit))
            {
                codes.Add(text);
            }
            else
            {
                problems.Add(code, "not an activity code", "write its digits in quotes, such as \"63111\"");
            }
        }

        return (name is not null && bin is not null ? new Payer(name, bin) : null, codes);
    }

    /// <summary>The devices by id; a control meter that is only listed as such becomes a device.</summary>
    private Dictionary<string, Device> ReadDevices(JsonObjectReader site)
    {
        var controlMeters = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonNode node in site.Items("controlMeters"))
        {
            if (DeviceReader.ReadId(node, problems) is { } id && !controlMeters.Add(id))
            {
                problems.Add(node, "the meter is listed twice", "keep one of them");
            }
        }

        var devices = new Dictionary<string, Device>(StringComparer.Ordinal);
        var reader = new DeviceReader(problems);
        foreach (JsonNode node in site.Items("devices"))
        {
            if (reader.Read(node, controlMeters) is { } device && !devices.TryAdd(device.Id, device))
            {
                problems.Add(node.PathOf("id"), $"\"{device.Id}\"", "another device of the site has this id", "give each device its own id");
            }
        }

        foreach (string meter in controlMeters)
        {
            devices.TryAdd(meter, new Device { Id = meter, Role = DeviceRole.ControlMeter });
        }

        return devices;
    }

    /// <summary>
    /// What is fed by another device is not billed itself (S12). So the other must be there and be billed, or the energy would be nobody's.
    /// </summary>
    private void CheckFeeds(JsonObjectReader site, Dictionary<string, Device> devices, BillingBasis basis)
    {
        HashSet<string> circles = CirclesOf(devices);
        foreach (JsonNode node in site.Items("devices"))
        {
            if (node.Element.ValueKind != JsonValueKind.Object
                || !node.Element.TryGetProperty("fedBy", out JsonElement fedBy)
                || fedBy.ValueKind != JsonValueKind.String
                || !node.Element.TryGetProperty("id", out JsonElement id)
                || id.ValueKind != JsonValueKind.String
                || !devices.TryGetValue(id.GetString()!, out Device? device)
                || device.FedBy is null)
            {
                continue;
            }

            JsonNode where = node.Member("fedBy", fedBy);
            if (!devices.TryGetValue(device.FedBy, out Device? feeder))
            {
                problems.Add(where, "no device of this site has this id", "list the feeding device under devices, or correct the id");
            }
            else if (feeder.Role == DeviceRole.ControlMeter && basis == BillingBasis.Devices)
            {
                problems.Add(
                    where,
                    "a control meter is not billed on basis devices, so this device's energy would not be either",
                    "leave fedBy out, or set the site's basis to \"control-meter\"");
            }
            else if (circles.Contains(device.Id))
            {
                problems.Add(where, "the device feeds itself, directly or through others", "break the circle");
            }
        }
    }

    /// <summary>The devices that a way along fedBy meets again. Each device is walked over once.</summary>
    private static HashSet<string> CirclesOf(Dictionary<string, Device> devices)
    {
        var circular = new HashSet<string>(StringComparer.Ordinal);
        var walkOf = new Dictionary<string, int>(StringComparer.Ordinal);
        int walk = 0;
        foreach (Device start in devices.Values)
        {
            walk++;
            Device? device = start;
            while (device is not null && walkOf.TryAdd(device.Id, walk))
            {
                device = device.FedBy is null ? null : devices.GetValueOrDefault(device.FedBy);
            }

            if (device is not null && walkOf[device.Id] == walk)
            {
                circular.Add(device.Id);
            }
        }

        return circular;
    }

    private void CheckBasis(JsonObjectReader site, Dictionary<string, Device> devices, BillingBasis basis)
    {
        if (basis == BillingBasis.ControlMeter && !devices.Values.Any(device => device.Role == DeviceRole.ControlMeter))
        {
            problems.Add(
                site.Find("basis")!,
                "the site has no control meter, so nothing would be billed",
                "list its control meters under controlMeters, or use basis \"devices\"");
        }
    }

    private bool TryReadLicence(JsonNode node, out string value)
    {
        value = node.Element.ValueKind == JsonValueKind.String ? node.Element.GetString()! : string.Empty;
        if (FleetNames.Licences.Contains(value))
        {
            return true;
        }

        problems.Add(node, "not a known licence", $"use one of {string.Join(", ", FleetNames.Licences.Order(StringComparer.Ordinal))}");
        return false;
    }

    private bool TryReadNotice(JsonNode node, out string value)
    {
        value = node.Element.ValueKind == JsonValueKind.String ? node.Element.GetString()! : string.Empty;
        if (!string.IsNullOrWhiteSpace(value))
        {
            return true;
        }

        problems.Add(node, "names no notice", "write its number in quotes");
        return false;
    }

    private bool TryReadPrice(JsonNode node, out decimal value)
    {
        decimal? price = JsonObjectReader.NumberOf(node, problems, MostPrice, aboveZero: false);
        value = price.GetValueOrDefault();
        return price is not null;
    }

    private TryRead<TValue> ChoiceFrom<TValue>(IReadOnlyDictionary<string, TValue> choices)
        where TValue : struct =>
        (JsonNode node, out TValue value) =>
        {
            TValue? choice = JsonObjectReader.ChoiceOf(node, problems, choices);
            value = choice.GetValueOrDefault();
            return choice is not null;
        };
}
