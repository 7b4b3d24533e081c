using System.Globalization;

namespace FleetMonitor.Anomalies;

/// <summary>What an alert says: in plain words, with the values, the baseline and the rule.</summary>
public sealed partial class DeviceWatch
{
    private const decimal HoursPerDay = 24m;

    private void Tell(AnomalyChangeType type, AnomalyKind kind, Seconds now, in Scope scope, string? because = null)
    {
        ref Alarm alarm = ref _state.Alarms[kind];
        Finding finding = Describe(kind, alarm, now, scope);
        decimal kwhPerDay = decimal.Round((decimal)Math.Clamp(finding.Watts, 0, 1e12) * HoursPerDay / 1000m, 3);
        decimal? levyPerDay = scope.Device.LevyPerKwh is { } rate ? kwhPerDay * rate : null;
        if (type == AnomalyChangeType.Raised)
        {
            alarm.Severity = scope.Options.Levels.Grade(kwhPerDay, levyPerDay, LeastOf(kind));
        }

        (string site, string device) = (scope.Device.Key.Site, scope.Device.Key.Device);
        Seconds ended = Later(now, alarm.Raised);
        string over = ended == alarm.Raised ? "Over at once" : $"Over after {Duration(ended - alarm.Raised)}";
        scope.Changes.Add(new AnomalyChange(type, new Anomaly
        {
            Id = Anomaly.IdOf(site, device, kind, alarm.Raised.ToInstant()),
            Site = site,
            Device = device,
            Kind = kind,
            Severity = alarm.Severity,
            Raised = alarm.Raised.ToInstant(),
            Cleared = type == AnomalyChangeType.Cleared ? ended.ToInstant() : null,
            Score = Math.Round(Math.Clamp(finding.Score, 0, 1), 3),
            Text = type != AnomalyChangeType.Cleared ? finding.Text : because is null ? over + Ending(kind, alarm, finding) : $"{over}: {because}.",
            Evidence = finding.Evidence,
            KwhPerDay = kwhPerDay,
            LevyPerDay = levyPerDay,
        }, scope.Now));
    }

    /// <summary>How it ended. What it was about was told when it was so, and is kept with the alert.</summary>
    private string Ending(AnomalyKind kind, in Alarm alarm, in Finding finding) => kind switch
    {
        AnomalyKind.Offline => Text($": it is heard again, last at {_state.Life.Heard.ToInstant()}."),
        AnomalyKind.Stale => Text($": new values come again, the last at {_state.Life.Newest.ToInstant()}."),
        AnomalyKind.UnregisteredDevice => ": the fleet file lists it now.",
        AnomalyKind.MissingPermit => ": no permit is missing any more.",
        AnomalyKind.StuckValue => ": what it reports moves again as it should.",
        AnomalyKind.ClockOff => Math.Abs(_state.Clock.Mean) < 1 ? ": its clock is right again." : Text($": its clock is {Duration((long)Math.Abs(_state.Clock.Mean))} off now."),
        AnomalyKind.DuplicateIdentity => $": no sign of a second device since {alarm.Since.ToInstant()}.",
        AnomalyKind.CounterReset or AnomalyKind.CounterRollback or AnomalyKind.CounterJump => Text($". {(alarm.Count > 1 ? Text($"Seen {alarm.Count} times, last") : "Last seen")} at {alarm.Since.ToInstant()}."),
        AnomalyKind.HashWithoutPower or AnomalyKind.DeadHashBoard => Text($". Now: hashes {_state.Hash.Mean:0.0} TH/s and draws {_state.Power.Mean:0} W."),
        _ => $". Now: {finding.Text}",
    };

    private static Seconds Later(Seconds left, Seconds right) => left > right ? left : right;

    /// <summary>What makes the books or the papers wrong is never below a warning, whatever is at stake.</summary>
    private static AnomalySeverity LeastOf(AnomalyKind kind) => kind switch
    {
        AnomalyKind.DuplicateIdentity => AnomalySeverity.Critical,
        AnomalyKind.UnregisteredDevice or AnomalyKind.CounterReset or AnomalyKind.CounterJump or AnomalyKind.ClockOff
            or AnomalyKind.StuckValue or AnomalyKind.HashWithoutPower or AnomalyKind.MissingPermit
            or AnomalyKind.PhaseImbalance => AnomalySeverity.Warning,
        _ => AnomalySeverity.Info,
    };

    /// <summary>Draw to expect of it, in watts: its own usual, else what it drew last, else its nameplate.</summary>
    private double UsualPower(in Scope scope) =>
        _state.PowerBaseline.Knows(scope.Options.BaselineNeeds) ? _state.PowerBaseline.Level
        : _state.Power.IsSet ? _state.Power.Mean
        : (scope.Device.NameplatePower?.Milliwatts ?? 0) / 1000.0;

    private Finding Describe(AnomalyKind kind, in Alarm alarm, Seconds now, in Scope scope) => kind switch
    {
        AnomalyKind.Offline => DescribeOffline(now, scope),
        AnomalyKind.Stale => DescribeStale(now, scope),
        AnomalyKind.PowerWithoutHash => DescribePowerWithoutHash(now, scope),
        AnomalyKind.HashBelowBaseline => DescribeHashBelowBaseline(scope),
        AnomalyKind.CounterReset or AnomalyKind.CounterRollback or AnomalyKind.CounterJump => DescribeRegister(kind, alarm),
        AnomalyKind.UnregisteredDevice => new Finding(
            1,
            UsualPower(scope),
            Text($"{scope.Device.Key.Device} reports from site {scope.Device.Key.Site}, but the fleet file does not list it. It is metered as unregistered."),
            [EvidenceItem.Of("rule", "on a listed site, every device is listed"), EvidenceItem.Of("power_w", UsualPower(scope))]),
        _ => DescribeFault(kind, now, scope),
    };

    private Finding DescribeOffline(Seconds now, in Scope scope)
    {
        double after = _state.Life.OfflineAfter(scope.Options).TotalSeconds;
        if (_state.Life.Will.IsSet)
        {
            return new Finding(
                1,
                UsualPower(scope),
                Text($"The broker says that the connection was lost at {_state.Life.Will.ToInstant()}; {HeardText()}."),
                [
                    EvidenceItem.Of("rule", Text($"last will, not heard again for {Duration((long)scope.Options.WillAfter.TotalSeconds)}")),
                    EvidenceItem.Of("last_will", _state.Life.Will.ToInstant().ToString()),
                    EvidenceItem.Of("power_before_w", UsualPower(scope)),
                ]);
        }

        long silence = now - _state.Life.Heard;
        return new Finding(
            1 - Math.Exp(-3 * silence / after),
            UsualPower(scope),
            Text($"Nothing heard for {Duration(silence)}: {HeardText()}.{(_state.Power.IsSet ? Text($" Before that it drew {UsualPower(scope):0} W.") : "")}"),
            [
                EvidenceItem.Of("rule", Text($"nothing received for {Duration((long)after)}")),
                EvidenceItem.Of("last_heard", _state.Life.Heard.ToInstant().ToString()),
                EvidenceItem.Of("usual_interval_s", _state.Life.Interval),
                EvidenceItem.Of("power_before_w", UsualPower(scope)),
            ]);
    }

    private string HeardText() =>
        _state.Life.Heard.IsSet ? Text($"its last message came at {_state.Life.Heard.ToInstant()}") : "it never sent a reading";

    private Finding DescribeStale(Seconds now, in Scope scope)
    {
        long age = now - _state.Life.Live;
        double after = _state.Life.StaleAfter(scope.Options).TotalSeconds;
        return new Finding(
            1 - Math.Exp(-1.5 * age / after),
            UsualPower(scope),
            Text($"Messages come, but what they say is old: the newest value is {Duration(age)} old; usually one comes every {Duration((long)_state.Life.Interval)}."),
            [
                EvidenceItem.Of("rule", Text($"no new value for {Duration((long)(2 * after))}")),
                EvidenceItem.Of("newest_value", _state.Life.Live.ToInstant().ToString()),
                EvidenceItem.Of("last_heard", _state.Life.Heard.ToInstant().ToString()),
                EvidenceItem.Of("usual_interval_s", _state.Life.Interval),
            ]);
    }

    private Finding DescribePowerWithoutHash(Seconds now, in Scope scope)
    {
        bool missing = HashMissing(now);
        string hash = missing
            ? Text($"no hash rate has come since {_state.Hash.At.ToInstant()}")
            : Text($"hashes {_state.Hash.Last:0.0} TH/s");
        return new Finding(
            missing ? 0.8 : 0.95,
            _state.Power.Mean,
            Text($"Draws {_state.Power.Mean:0} W and {hash}; {UsualHash(scope.Device, scope.Options):0.0} TH/s is usual."),
            [
                EvidenceItem.Of("rule", Text($"power above {scope.Options.WastedShare:P0} of nameplate with no hash rate for {Duration((long)scope.Options.MismatchAfter.TotalSeconds)}")),
                EvidenceItem.Of("power_w", _state.Power.Mean),
                EvidenceItem.Of("hashrate_ths", _state.Hash.Last),
                EvidenceItem.Of("usual_hashrate_ths", UsualHash(scope.Device, scope.Options)),
            ]);
    }

    private Finding DescribeHashBelowBaseline(in Scope scope)
    {
        double ratio = _state.HashBaseline.Level > 0 ? _state.Hash.Mean / _state.HashBaseline.Level : 1;
        double drop = HashDrop(scope.Options);
        return new Finding(
            1 - (0.5 * Math.Exp(-4 * Math.Max(0, 1 - drop - ratio) / drop)),
            UsualPower(scope) * Math.Clamp(1 - ratio, 0, 1),
            Text($"Hashes {_state.Hash.Mean:0.0} TH/s, {ratio:P0} of its own usual {_state.HashBaseline.Level:0.0} TH/s."),
            [
                EvidenceItem.Of("rule", Text($"hash rate below {1 - drop:P0} of its own baseline for {Duration((long)scope.Options.Sustained.TotalSeconds)}")),
                EvidenceItem.Of("hashrate_ths", _state.Hash.Mean),
                EvidenceItem.Of("baseline_ths", _state.HashBaseline.Level),
                EvidenceItem.Of("share_of_baseline", ratio),
            ]);
    }

    private Finding DescribeRegister(AnomalyKind kind, in Alarm alarm)
    {
        (string what, string rule, double score) = kind switch
        {
            AnomalyKind.CounterReset => ("restarted", "the register fell below 0.9 of its highest value, and not at its modulus", 1.0),
            AnomalyKind.CounterRollback => ("went back a little", "the register fell, but not below 0.9 of its highest value", 0.7),
            _ => ("jumped", "the register rose by more than the device can draw", 0.9),
        };
        string times = alarm.Count > 1 ? Text($" Seen {alarm.Count} times since {alarm.Raised.ToInstant()}.") : "";

        // The figures are those of the last event, which may be of another kind.
        bool known = _state.RegisterKind == (ushort)(kind + 1);
        string figures = known ? Text($": from {_state.RegisterBefore:0.###} to {_state.RegisterAfter:0.###} kWh") : "";
        return new Finding(
            score,
            0,
            $"The energy register {what}{figures}.{times}",
            [
                EvidenceItem.Of("rule", rule),
                .. known ? (EvidenceItem[])[EvidenceItem.Of("before_kwh", _state.RegisterBefore), EvidenceItem.Of("after_kwh", _state.RegisterAfter)] : [],
                EvidenceItem.Of("times", alarm.Count),
            ]);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    internal static string Duration(long seconds) => Math.Abs(seconds) switch
    {
        < 120 => Text($"{seconds} s"),
        < 7200 => Text($"{(seconds + 30) / 60} min"),
        < 172_800 => Text($"{(seconds + 1800) / 3600} h"),
        _ => Text($"{(seconds + 43_200) / 86_400} days"),
    };

    private readonly record struct Finding(double Score, double Watts, string Text, IReadOnlyList<EvidenceItem> Evidence);
}
