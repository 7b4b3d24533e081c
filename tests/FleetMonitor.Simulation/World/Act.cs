using System.Globalization;
using FleetMonitor.Fleet;
using FleetMonitor.Metering;

namespace FleetMonitor.Simulation.World;

/// <summary>
/// One thing that happens in a world. A world is a list of them and nothing else, so that a shorter list is a world too: an act that makes no
/// sense where it stands does nothing.
/// </summary>
internal abstract record Act;

internal sealed record Wait(TimeSpan For) : Act
{
    public override string ToString() => $"wait {For}";
}

/// <summary>Somebody sets the clock of the service's machine, forward or back. No time passes.</summary>
internal sealed record Jump(TimeSpan By) : Act
{
    public override string ToString() => $"the service's clock jumps by {By}";
}

/// <summary>A device's message reaches a broker.</summary>
internal sealed record Publish(int Broker, Message Message) : Act
{
    public override string ToString() => $"publish at broker {Broker}: {Message}";
}

/// <summary>A broker sends what waits, and connects first where it has to.</summary>
/// <param name="OrderSeed">Topics overtake each other by it.</param>
/// <param name="LostLast">So many of the last ones get lost on the way, and the connection with them.</param>
internal sealed record Deliver(int Broker, int AtMost, int OrderSeed, int LostLast) : Act
{
    public override string ToString() =>
        $"deliver up to {AtMost} from broker {Broker}" + (LostLast > 0 ? $", the last {LostLast} lost on the way" : string.Empty);
}

/// <summary>The service takes all that was delivered as one batch.</summary>
internal sealed record Decide : Act
{
    public override string ToString() => "decide";
}

/// <summary>Time passes for silent devices, with the next batch.</summary>
internal sealed record Tick : Act
{
    public override string ToString() => "tick";
}

internal sealed record Drop(int Broker) : Act
{
    public override string ToString() => $"broker {Broker} drops the connection";
}

/// <summary>A broker forgets the session and all that it held for it.</summary>
internal sealed record LoseSession(int Broker) : Act
{
    public override string ToString() => $"broker {Broker} loses the session";
}

internal enum FaultKind
{
    /// <summary>The disk has no room, so many times over.</summary>
    Full,

    /// <summary>The process dies in a commit, before it is durable.</summary>
    CrashLost,

    /// <summary>The process dies in a commit that reached the disk in part.</summary>
    CrashTorn,

    /// <summary>The process dies once a commit is durable, before anything else.</summary>
    CrashDurable,

    /// <summary>The fsync of a commit fails; what it wrote may be on the disk or not. The process has to end by itself.</summary>
    SyncFailed,

    /// <summary>All connections break while a commit is in its fsync.</summary>
    DropMeanwhile,

    /// <summary>All connections break while a commit is in its fsync, and are up again before it returns.</summary>
    ReconnectMeanwhile,

    /// <summary>The disk has no room to forget the journal.</summary>
    TrimFull,
}

/// <summary>What becomes of the next commit.</summary>
/// <param name="Times">How often over, where there is no room; where a sync fails, an even number has the commit on the disk all the same.</param>
internal sealed record Fault(FaultKind Kind, int Times) : Act
{
    public override string ToString() => $"next commit: {Kind}, {Times} times";
}

/// <summary>From now on the time-series store answers like this.</summary>
internal sealed record StoreTurns(StoreMood Mood) : Act
{
    public override string ToString() => $"the store turns {Mood}";
}

/// <summary>The sender of points takes a turn.</summary>
internal sealed record Send : Act
{
    public override string ToString() => "send points";
}

/// <summary>Sites' windows that are marked are summed again.</summary>
internal sealed record Remake : Act
{
    public override string ToString() => "sum site windows again";
}

/// <summary>The service stops (or is killed), and starts again with other settings.</summary>
internal sealed record Restart(bool Kill, ServiceSettings Settings) : Act
{
    public override string ToString() => $"{(Kill ? "kill" : "stop")}, then start with {Settings}";
}

/// <summary>The fleet file changes while the service runs.</summary>
internal sealed record TakeFleet(int Number, FleetSnapshot Fleet) : Act
{
    public override string ToString() => $"fleet file {Number}:{string.Concat(Fleet.Sites.Values.Select(Describe))}";

    private static string Describe(Site site) =>
        $"\n      {site.Id} {site.TimeZone.Id} {site.Basis} max {site.MaxPower}: "
        + string.Join(", ", site.Devices.Values.Select(device =>
            $"{device.Id} {device.Role} {device.Nameplate?.Power} fedBy {device.FedBy} modulus {device.RegisterModulus}"));
}

/// <summary>Kept readings that are older are let go.</summary>
internal sealed record LetGo(TimeSpan OlderThan) : Act
{
    public override string ToString() => $"let go of readings older than {OlderThan}";
}

internal sealed record Check : Act
{
    public override string ToString() => "check";
}

/// <summary>What one start of the service is set to. The books do not depend on it, but for the metering options.</summary>
internal sealed record ServiceSettings(
    int Shards, int BlockReadings, TimeSpan CheckpointAfter, MeteringOptions Metering)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Shards} shards, blocks of {BlockReadings}, checkpoints after {CheckpointAfter}, "
        + $"gaps {Metering.GapPolicy} over {Metering.MaxGap} up to {Metering.MaxEstimate}, window {Metering.ReorderWindow}");
}
