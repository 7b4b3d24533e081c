using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies.Alerts;

/// <summary>
/// The control meter of a site against the sum of its devices, window by window (an hour is usual). Transformers and fans always take a
/// share that no device reports; what counts is that the share changed: theft, losses, a dead plug, or a meter that stopped.
/// </summary>
/// <param name="levels">What makes it a warning, or critical.</param>
public sealed class MeterBalance(string site, StakeLevels levels)
{
    private const double LeastShare = 0.02;
    private const double Deviations = 6;

    /// <summary>A small share that stays away for hours: what is left of the noise in the mean of so many windows is a fraction of it.</summary>
    private const double SlowWindows = 8;
    private const double SlowLeastShare = 0.015;
    private const double SlowDeviations = 4;
    private const double ClearBand = 0.6;
    private const int WindowsNeeded = 24;
    private const int WindowsKept = 24 * 30;
    private const int RaiseAfterWindows = 2;
    private const byte Version = 1;

    private State _state;

    public static int SerializedSize => 1 + Unsafe.SizeOf<State>();

    /// <param name="to">The end of the window.</param>
    /// <param name="meters">Energy of the control meters in it.</param>
    /// <param name="devices">Energy of the devices under them in it, without those fed by another.</param>
    /// <param name="window">Its length.</param>
    public void Observe(
        Instant to, Energy meters, Energy devices, TimeSpan window, decimal? levyPerKwh, List<AnomalyChange> changes)
    {
        if (meters.MicrowattHours <= 0)
        {
            return;
        }

        double share = 1 - ((double)devices.MicrowattHours / meters.MicrowattHours);
        double allowed = Math.Max(LeastShare, Deviations * _state.Deviation);
        double slowAllowed = Math.Max(SlowLeastShare, SlowDeviations * _state.Deviation);
        double off = share - _state.Usual;
        bool known = _state.Windows >= WindowsNeeded;
        _state.Slow = known ? (float)(_state.Slow + ((Math.Clamp(off, -allowed, allowed) - _state.Slow) / SlowWindows)) : 0;
        decimal kwhPerDay = decimal.Round(
            (decimal)Math.Abs(off) * meters.KilowattHours * (decimal)(TimeSpan.FromDays(1) / window), 3);
        bool raised = _state.Raised.IsSet;
        bool bad = known && (raised
            ? Math.Abs(off) > slowAllowed * ClearBand
            : Math.Abs(off) > allowed || (Math.Abs(_state.Slow) > slowAllowed && Math.Abs(off) > slowAllowed * ClearBand));
        _state.Run = (ushort)(bad == raised ? 0 : Math.Min(_state.Run + 1, ushort.MaxValue));
        if (_state.Run >= RaiseAfterWindows)
        {
            _state.Run = 0;
            if (!raised)
            {
                _state.Raised = Seconds.From(to);
            }

            changes.Add(new AnomalyChange(
                raised ? AnomalyChangeType.Cleared : AnomalyChangeType.Raised,
                Describe(to, meters, devices, window, share, slowAllowed, kwhPerDay, levyPerKwh, raised),
                to));
            if (raised)
            {
                _state.Raised = Seconds.Never;
                _state.Slow = 0;
            }
        }

        if (!bad && !_state.Raised.IsSet)
        {
            _state.Windows = Math.Min(_state.Windows + 1, WindowsKept);
            _state.Usual += (float)((share - _state.Usual) / _state.Windows);
            _state.Deviation += (float)((Math.Abs(share - _state.Usual) - _state.Deviation) / _state.Windows);
        }
    }

    public int WriteTo(Span<byte> destination)
    {
        destination[0] = Version;
        MemoryMarshal.Write(destination[1..], in _state);
        return SerializedSize;
    }

    /// <summary>False where the bytes are of another version. A shorter record is an older one: what it lacks is learned.</summary>
    public bool TryRead(ReadOnlySpan<byte> source)
    {
        if (source.Length < 2 || source.Length > SerializedSize || source[0] != Version)
        {
            return false;
        }

        _state = default;
        source[1..].CopyTo(MemoryMarshal.AsBytes(new Span<State>(ref _state)));
        return true;
    }

    private Anomaly Describe(
        Instant to, Energy meters, Energy devices, TimeSpan window, double share, double allowed, decimal kwhPerDay, decimal? levyPerKwh, bool cleared)
    {
        Instant raised = _state.Raised.ToInstant();
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"The control meter counted {meters.KilowattHours:0.#} kWh in the {DeviceWatch.Duration((long)window.TotalSeconds)} to {to}, the devices under it {devices.KilowattHours:0.#} kWh: {MissingText(share)}; usually {MissingText(_state.Usual)}.");
        return new Anomaly
        {
            Id = Anomaly.IdOf(site, null, AnomalyKind.MeterMismatch, raised),
            Site = site,
            Kind = AnomalyKind.MeterMismatch,
            Severity = levels.Grade(kwhPerDay, kwhPerDay * levyPerKwh, AnomalySeverity.Warning),
            Raised = raised,
            Cleared = cleared ? to : null,
            Score = Math.Round(1 - (0.5 * Math.Exp(-2 * Math.Max(0, Math.Abs(share - _state.Usual) - allowed) / allowed)), 3),
            Text = cleared ? $"Over after {DeviceWatch.Duration((long)(to - raised).TotalSeconds)}. Now: {text}" : text,
            Evidence =
            [
                EvidenceItem.Of("rule", string.Create(CultureInfo.InvariantCulture, $"unexplained share off its usual by more than {Math.Max(LeastShare, Deviations * _state.Deviation):P1} in {RaiseAfterWindows} windows running, or by {allowed:P1} in the mean of about {SlowWindows:0}")),
                EvidenceItem.Of("meters_kwh", (double)meters.KilowattHours),
                EvidenceItem.Of("devices_kwh", (double)devices.KilowattHours),
                EvidenceItem.Of("unexplained_share", share),
                EvidenceItem.Of("usual_share", _state.Usual),
            ],
            KwhPerDay = kwhPerDay,
            LevyPerDay = levyPerKwh is { } rate ? kwhPerDay * rate : null,
        };
    }

    private static string MissingText(double share) => string.Create(
        CultureInfo.InvariantCulture, $"{Math.Abs(share):P1} {(share < 0 ? "more than the meter" : "is missing")}");

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct State
    {
        public float Usual;
        public float Deviation;
        public int Windows;
        public Seconds Raised;
        public ushort Run;
        private readonly ushort _reserved;

        /// <summary>Mean of what the latest windows were off, each clipped to what one may be.</summary>
        public float Slow;
    }
}
