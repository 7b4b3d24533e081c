using System.Globalization;
using FleetMonitor.Mqtt.Client;
using FleetMonitor.Service.Mqtt;

namespace FleetMonitor.Service.Simulator;

/// <summary>
/// Publishes a simulated fleet to a broker in real time, QoS 1, over several connections, and keeps the truth of what the broker acknowledged.
/// </summary>
/// <param name="report">Takes sentences about connections lost and found.</param>
public sealed class SimulatorRunner(SimulatedFleet fleet, SimulatorOptions options, TimeProvider time, Action<string> report)
{
    private static readonly TimeSpan LastAnswers = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AwayForGood = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SameEvent = TimeSpan.FromSeconds(5);

    private readonly Lock _reporting = new();
    private readonly long _began = time.GetTimestamp();
    private SimulatorConnection[] _connections = [];
    private string? _reported;
    private long _reportedAt;

    public Truth Truth { get; } = new(fleet);

    /// <summary>
    /// Publishes from the fleet's start on until the duration is over or <paramref name="stop"/> is called, then waits for the broker's answers:
    /// for five seconds after a stop; after the duration as long as the broker is there or has not been away for a minute. One that was never
    /// there is not waited for.
    /// </summary>
    public async Task<SimulatorSummary> RunAsync(CancellationToken stop)
    {
        long start = fleet.Start.UnixMilliseconds;
        long end = options.Duration is { } duration ? start + (long)duration.TotalMilliseconds : long.MaxValue;
        long Clock() => start + (long)time.GetElapsedTime(_began).TotalMilliseconds;

        _connections = [.. Enumerable.Range(0, Math.Min(options.Connections, fleet.Count)).Select(index => Connection(index, start))];
        using var sampling = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var publishing = new CancellationTokenSource();
        await using CancellationTokenRegistration grace = stop.Register(() => publishing.CancelAfter(LastAnswers));

        Task[] samplers = [.. _connections.Select(connection => Task.Run(() => connection.SampleAsync(Clock, end, sampling.Token), CancellationToken.None))];
        Task<string?>[] publishers = [.. _connections.Select(connection => PublishAsync(connection, sampling, publishing.Token))];
        using var done = new CancellationTokenSource();
        Task givingUp = GiveUpOnAbsentBrokerAsync(sampling, publishing, done.Token);
        await Task.WhenAll(samplers);
        string?[] failures = await Task.WhenAll(publishers);
        await done.CancelAsync();
        await givingUp.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Summarise(failures.FirstOrDefault(failure => failure is not null));
    }

    /// <summary>How far it has come; may be asked for at any time.</summary>
    public SimulatorSummary Progress() => Summarise(null);

    private async Task GiveUpOnAbsentBrokerAsync(CancellationTokenSource sampling, CancellationTokenSource publishing, CancellationToken done)
    {
        if (options.Duration is not { } duration)
        {
            return;
        }

        await Task.Delay(duration, time, done);
        for (long there = time.GetTimestamp(); _connections.Any(connection => connection.WasReached) && time.GetElapsedTime(there) < AwayForGood;)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), time, done);
            there = _connections.Any(connection => connection.IsConnected) ? time.GetTimestamp() : there;
        }

        await publishing.CancelAsync();
        await sampling.CancelAsync();
    }

    private async Task<string?> PublishAsync(SimulatorConnection connection, CancellationTokenSource sampling, CancellationToken abandon)
    {
        try
        {
            string? failure = await connection.PublishAsync(abandon);
            if (failure is not null)
            {
                await sampling.CancelAsync();
            }

            return failure;
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            return connection.WasReached
                ? "stopped before the broker had acknowledged everything"
                : $"{options.Broker}: the broker was never reached, nothing was published";
        }
    }

    private SimulatorConnection Connection(int index, long start)
    {
        int connections = Math.Min(options.Connections, fleet.Count);
        var mqtt = new MqttClientOptions
        {
            ClientId = string.Create(CultureInfo.InvariantCulture, $"{options.ClientIdPrefix}-{index + 1}"),
            UserName = options.UserName,
            Password = options.Password,
        };

        // Room for two readings of each device bridges an outage of about two intervals without a gap.
        int capacity = Math.Max(4096, 2 * (fleet.Count / connections));
        var schedule = new SampleSchedule(fleet.Count, connections, index, start, options.Interval);
        var dialer = new BrokerDialer(options.Broker, options.Tls, time, ReportOnce);
        return new SimulatorConnection(fleet, Truth, schedule, dialer, mqtt, time, capacity);
    }

    /// <summary>What happens to one connection mostly happens to all, and is told once.</summary>
    private void ReportOnce(string sentence)
    {
        lock (_reporting)
        {
            if (sentence == _reported && time.GetElapsedTime(_reportedAt) < SameEvent)
            {
                return;
            }

            (_reported, _reportedAt) = (sentence, time.GetTimestamp());
        }

        report(sentence);
    }

    private SimulatorSummary Summarise(string? failure) => new(
        _connections.Sum(connection => connection.Messages),
        _connections.Sum(connection => connection.Acknowledged),
        _connections.Sum(connection => connection.Refused),
        _connections.Sum(connection => connection.Resent),
        _connections.Sum(connection => connection.Skipped),
        time.GetElapsedTime(_began),
        failure);
}
