using System.Runtime.InteropServices;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies;

/// <summary>
/// Whether the energy register counts what the power says is drawn. Both are summed from one reading to the next, never over a gap; a register
/// that falls or jumps is compared anew. All sums are in kWh. A register moves in steps, so that sums are compared where it has moved.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
internal struct RegisterPace
{
    /// <summary>More than the coarsest register of a rig shows at once.</summary>
    private const double LeastFrozen = 3;
    private const double StepsFrozen = 4;
    private const double LeastCompared = 20;
    private const double StepsCompared = 10;
    private const double HoursCompared = 6;
    private const double Slow = 0.6;
    private const double Fast = 1.6;
    private const double SlowIsOver = 0.7;
    private const double FastIsOver = 1.4;
    private const double LeastWell = 1;
    private const double JumpFactor = 3;
    private const double StepMemory = 64;

    /// <summary>In Wh, without what 32 bits do not hold: only differences count.</summary>
    private uint _register;

    /// <summary>When the register last moved, or was first seen; never before that, and after a gap.</summary>
    public Seconds Moved;

    /// <summary>By the power, up to where the register last moved.</summary>
    private float _drawn;

    /// <summary>By the register, over the same time.</summary>
    private float _counted;

    /// <summary>By the power, since the register last moved.</summary>
    public float DrawnSince;

    /// <summary>How far the register moves at once; 0 until it has moved.</summary>
    private Half _step;

    /// <summary>Where the register stands, but for what 32 bits of Wh do not hold.</summary>
    public readonly double Stands => _register / 1000.0;

    private readonly double Step => (double)_step;

    /// <summary>What the register counted of what was drawn; 1 where nothing can be said.</summary>
    public readonly double Ratio => _drawn > 0 ? _counted / _drawn : 1;

    public void Draw(double watts, long seconds) => DrawnSince += (float)(watts * seconds / 3.6e6);

    public void StartAnew() => (Moved, _drawn, _counted, DrawnSince) = (Seconds.Never, 0, 0, 0);

    /// <param name="watts">Its usual draw.</param>
    public void Take(Energy register, Seconds at, double watts)
    {
        uint value = unchecked((uint)(register.MicrowattHours / 1_000_000));
        int moved = unchecked((int)(value - _register));
        double step = moved / 1000.0;
        _register = value;
        if (Moved.IsSet && moved == 0)
        {
            return;
        }

        if (!Moved.IsSet || moved < 0 || step > (JumpFactor * DrawnSince) + (2 * Step) + LeastFrozen)
        {
            StartAnew();
            Moved = at;
            return;
        }

        // One that stood still and goes on from there was told; one that caught up moves in large steps.
        if (DrawnSince >= NeededToFreeze(watts) && step < Slow * DrawnSince)
        {
            StartAnew();
        }
        else
        {
            _step = (Half)Math.Min(step > Step ? step : Step + ((step - Step) / StepMemory), 60_000);
            _drawn += DrawnSince;
            _counted += (float)step;
        }

        if (_drawn > 2 * NeededToCompare(watts))
        {
            (_drawn, _counted) = (_drawn / 2, _counted / 2);
        }

        (Moved, DrawnSince) = (at, 0);
    }

    public readonly bool IsFrozen(double watts, Seconds at, TimeSpan atLeast) =>
        Moved.IsSet && DrawnSince >= NeededToFreeze(watts) && at - Moved >= atLeast.TotalSeconds;

    public readonly bool IsOff(double watts) => _drawn >= NeededToCompare(watts) && (Ratio is < Slow or > Fast);

    /// <summary>It moves, and for a while now as the power says; so does one that is not there.</summary>
    public readonly bool IsWell(double watts) =>
        !Moved.IsSet
        || (DrawnSince < NeededToFreeze(watts) / 2 && _drawn >= LeastWell && Ratio is > SlowIsOver and < FastIsOver);

    private readonly double NeededToFreeze(double watts) =>
        Step > 0 ? Math.Max(LeastFrozen, StepsFrozen * Step) : NeededToCompare(watts);

    private readonly double NeededToCompare(double watts) =>
        Math.Max(Math.Max(LeastCompared, StepsCompared * Step), HoursCompared * watts / 1000);
}
