using System.Collections.Concurrent;
using System.Text;
using System.Text.Unicode;
using FleetMonitor.Fleet;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Telemetry.Decoding;

/// <summary>Finds whose message a topic carries (S14), and remembers it.</summary>
internal sealed class Router(ProfileSet profiles, DecodeOptions options)
{
    /// <summary>More sites than anybody has: names of sites can be made up too.</summary>
    private const int MostShared = 1_024;

    private readonly RouteCache _cache = new(options.MaxRoutes);
    private readonly ConcurrentDictionary<(MessageShape Shape, string Site), RouteFacts> _shared = [];

    /// <summary>The route of a topic. Where the payload names the device, site and device are still empty.</summary>
    public Route Of(ReadOnlySpan<byte> topic, FleetSnapshot fleet)
    {
        // MQTT forbids a NUL in a topic.
        if (topic.Contains((byte)0))
        {
            return Nobodys(fleet);
        }

        return _cache.TryGet(topic, fleet, out Route route) ? route : _cache.Put(topic, Find(topic, fleet));
    }

    /// <summary>Says which topic is asked for after a few others.</summary>
    public void Expect(ReadOnlySpan<byte> topic) => _cache.Expect(topic);

    /// <summary>The route of a message whose payload names the device.</summary>
    public Route OfNamed(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> device, string where, Route topicRoute)
    {
        // No topic that is read holds a NUL, so this key is nobody else's.
        Span<byte> key = stackalloc byte[topic.Length + 1 + device.Length > 1024 ? 0 : topic.Length + 1 + device.Length];
        if (key.IsEmpty)
        {
            return Resolve(topic, topicRoute.Shape!, device, topicRoute.Fleet, where);
        }

        topic.CopyTo(key);
        key[topic.Length] = 0;
        device.CopyTo(key[(topic.Length + 1)..]);
        return _cache.TryGet(key, topicRoute.Fleet, out Route route)
            ? route
            : _cache.Put(key, Resolve(topic, topicRoute.Shape!, device, topicRoute.Fleet, where));
    }

    public void SetOwner(in Route route, ITopicOwner owner) => _cache.SetOwner(route, owner);

    private Route Find(ReadOnlySpan<byte> topic, FleetSnapshot fleet)
    {
        foreach (MessageShape shape in profiles.Shapes)
        {
            if (shape.Topic.TryMatch(topic, out _, out Range device, out _))
            {
                return shape.Topic.HasDevice
                    ? Resolve(topic, shape, topic[device], fleet, "topic")
                    : new Route(new RouteFacts(fleet, shape, string.Empty, null, null), string.Empty);
            }
        }

        return Nobodys(fleet);
    }

    private static Route Nobodys(FleetSnapshot fleet) => new(new RouteFacts(fleet, null, string.Empty, null, null), string.Empty);

    private Route Resolve(
        ReadOnlySpan<byte> topic, MessageShape shape, ReadOnlySpan<byte> deviceBytes, FleetSnapshot fleet, string where)
    {
        shape.Topic.TryMatch(topic, out Range siteRange, out _, out Range channelRange);
        ReadOnlySpan<byte> channel = topic[channelRange];
        bool isId = TryText(deviceBytes, out string device);
        // The first output bears the device's own name; the others are told apart by their number.
        if (isId && !channel.IsEmpty && !channel.SequenceEqual("0"u8))
        {
            device = $"{device}:{Encoding.ASCII.GetString(channel)}";
            isId = Identifier.IsValid(device);
        }

        if (!isId)
        {
            return Refused(string.Empty, RefusalReason.BadIdentifier, where, BadId("device", deviceBytes));
        }

        string? site = null;
        if (shape.Topic.HasSite && !TryText(topic[siteRange], out site))
        {
            return Refused(string.Empty, RefusalReason.BadIdentifier, "topic", BadId("site", topic[siteRange]));
        }

        site ??= fleet.SiteOfDevice(device);
        if (site is null && fleet.IsOnSeveralSites(device))
        {
            site = shape.Profile.Site;
            if (site is null || fleet.Device(new DeviceKey(site, device)) is null)
            {
                return Refused(
                    string.Empty,
                    RefusalReason.UnknownSite,
                    "topic",
                    $"the topic names no site, and the fleet file lists device \"{device}\" on several: give the profile a site");
            }
        }

        site ??= shape.Profile.Site ?? options.DefaultSite;
        if (fleet.HasFile && fleet.Site(site) is null)
        {
            return Refused(site, RefusalReason.UnknownSite, "topic", $"the fleet file has no site \"{site}\"");
        }

        Site? known = fleet.Site(site);
        TimeZoneInfo zone = shape.Profile.TimeZone ?? known?.TimeZone ?? options.DefaultTimeZone;
        return new Route(Shared(new RouteFacts(fleet, shape, known?.Id ?? site, DayCalendar.Of(zone), null)), device);

        Route Refused(string knownSite, RefusalReason reason, string place, string detail) =>
            new(new RouteFacts(fleet, shape, knownSite, null, new Refusal(reason, place, detail)), device);
    }

    /// <summary>All devices of a site share what their topics have in common, its name too.</summary>
    private RouteFacts Shared(RouteFacts facts)
    {
        (MessageShape, string) key = (facts.Shape!, facts.Site);
        if (_shared.TryGetValue(key, out RouteFacts? known) && known == facts)
        {
            return known;
        }

        // What was worked out with another fleet would hold on to all of it.
        if (_shared.Count >= MostShared || (known is not null && !ReferenceEquals(known.Fleet, facts.Fleet)))
        {
            _shared.Clear();
        }

        _shared[key] = facts;
        return facts;
    }

    private static bool TryText(ReadOnlySpan<byte> bytes, out string text)
    {
        text = bytes.Length <= Identifier.MaxBytes && Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : string.Empty;
        return Identifier.IsValid(text);
    }

    private static string BadId(string what, ReadOnlySpan<byte> found) =>
        $"expected a {what} id of 1 to {Identifier.MaxBytes} bytes without control characters or surrounding spaces, found {Excerpt.Of(found)}";
}
