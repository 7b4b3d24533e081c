using FleetMonitor.Fleet;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Telemetry.Decoding;

/// <summary>What topics of one message and site have in common.</summary>
/// <param name="Fleet">The fleet it was worked out with; another one makes it void.</param>
/// <param name="Shape">Null where no profile reads the topic.</param>
/// <param name="Site">Empty where the payload is still to name the device.</param>
/// <param name="Calendar">For times without a zone.</param>
/// <param name="Refusal">Why nothing on this topic can be taken, or null.</param>
internal sealed record RouteFacts(FleetSnapshot Fleet, MessageShape? Shape, string Site, DayCalendar? Calendar, Refusal? Refusal);

/// <summary>What a topic says, worked out once: which message it is, whose, and in which time zone.</summary>
/// <param name="Facts">Shared by all topics of which they hold.</param>
/// <param name="Whose">
/// The device's name, empty where the payload is still to name it; once there is an owner, who knows the name, the owner: one field for both.
/// </param>
/// <param name="Place">Where it is remembered.</param>
internal readonly record struct Route(RouteFacts Facts, object Whose, int Place = RouteCache.Nowhere)
{
    public FleetSnapshot Fleet => Facts.Fleet;

    public MessageShape? Shape => Facts.Shape;

    public string Site => Facts.Site;

    public string Device => Whose as string ?? ((ITopicOwner)Whose).Device;

    public DayCalendar? Calendar => Facts.Calendar;

    public Refusal? Refusal => Facts.Refusal;
}
