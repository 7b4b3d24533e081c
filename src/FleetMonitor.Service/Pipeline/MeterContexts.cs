using System.Globalization;
using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Service.Pipeline;

/// <summary>
/// The distinct rules that devices are metered by, numbered. They are few, and are kept in the ledger, so that a device whose rules change
/// (another gap policy, nameplate or time zone) can take back exactly what it booked by the old ones.
/// </summary>
internal sealed class MeterContexts
{
    /// <summary>Where the ledger keeps them.</summary>
    public const string StateKey = "metering-contexts";

    private readonly List<MeterContext> _contexts = [];
    private readonly Dictionary<Form, int> _numbers = [];

    /// <summary>True where a number was given since the last <see cref="Save"/>.</summary>
    public bool Changed { get; private set; }

    public static MeterContexts Load(byte[]? saved)
    {
        var contexts = new MeterContexts();
        foreach (Form form in saved is null ? [] : JsonSerializer.Deserialize<Form[]>(saved)!)
        {
            contexts.Number(form);
        }

        contexts.Changed = false;
        return contexts;
    }

    public byte[] Save()
    {
        Changed = false;
        return JsonSerializer.SerializeToUtf8Bytes(_contexts.Select(Form.Of).ToArray());
    }

    public MeterContext this[int number] => _contexts[number];

    /// <summary>The one object for these rules: equal rules give the same object.</summary>
    public MeterContext Intern(MeteringOptions options, MeterLimits limits, TimeZoneInfo zone) =>
        _contexts[Number(Form.Of(new MeterContext(options, limits, DayCalendar.Of(zone))))];

    public int NumberOf(MeterContext context) => _numbers[Form.Of(context)];

    private int Number(Form form)
    {
        if (!_numbers.TryGetValue(form, out int number))
        {
            number = _contexts.Count;
            _contexts.Add(form.ToContext());
            _numbers.Add(form, number);
            Changed = true;
        }

        return number;
    }

    /// <summary>Rules as they are kept: milliseconds, milliwatts and microwatt-hours.</summary>
    private sealed record Form(
        long MaxGap,
        long ReorderWindow,
        string GapPolicy,
        long MaxEstimate,
        long MaxDevicePower,
        long Window,
        long MaxPower,
        long DisplayStep,
        long? Modulus,
        string Zone)
    {
        public static Form Of(MeterContext context) => new(
            Milliseconds(context.Options.MaxGap),
            Milliseconds(context.Options.ReorderWindow),
            context.Options.GapPolicy.ToString(),
            Milliseconds(context.Options.MaxEstimate),
            context.Options.MaxDevicePower.Milliwatts,
            Milliseconds(context.Options.Window),
            context.Limits.MaxPower.Milliwatts,
            context.Limits.DisplayStep.MicrowattHours,
            context.Limits.Modulus?.MicrowattHours,
            context.Days.Zone.Id);

        public MeterContext ToContext() => new(
            new MeteringOptions
            {
                MaxGap = TimeSpan.FromMilliseconds(MaxGap),
                ReorderWindow = TimeSpan.FromMilliseconds(ReorderWindow),
                GapPolicy = Enum.Parse<GapPolicy>(GapPolicy),
                MaxEstimate = TimeSpan.FromMilliseconds(MaxEstimate),
                MaxDevicePower = new Power(MaxDevicePower),
                Window = TimeSpan.FromMilliseconds(Window),
            },
            new MeterLimits(new Power(MaxPower), new Energy(DisplayStep), Modulus is { } modulus ? new Energy(modulus) : null),
            DayCalendar.Of(TimeZoneInfo.FindSystemTimeZoneById(Zone)));

        private static long Milliseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMillisecond;
    }
}
