using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

/// <summary>
/// Splits a control meter's energy of one day over those who metered a share of it (S12). Where they metered no more than the control
/// meter, each gets what it metered and the rest is the residual; where they metered more, the shares are scaled down to fit. Rounding is
/// cumulative, in the order given, so that the pieces sum to the whole in each quality, and so that neighbours may be summed before or
/// after the split with the same result.
/// </summary>
internal struct Allocation
{
    private readonly EnergyByQuality _whole;
    private readonly Int128 _total;
    private readonly Int128 _metered;
    private Int128 _meteredSoFar;
    private EnergyByQuality _givenSoFar;

    /// <param name="whole">The control meter's energy, not negative.</param>
    /// <param name="metered">The sum of what will be passed to <see cref="Next"/>.</param>
    public Allocation(EnergyByQuality whole, Energy metered)
    {
        _whole = whole;
        _total = whole.Total.MicrowattHours;
        _metered = metered.MicrowattHours;
    }

    public EnergyByQuality Next(Energy metered)
    {
        _meteredSoFar += metered.MicrowattHours;
        return UpTo(_metered > _total ? _total * _meteredSoFar / _metered : _meteredSoFar);
    }

    /// <summary>What is left for nobody, once every share is given.</summary>
    public EnergyByQuality Residual() => UpTo(_total);

    // Qualities go along in proportion. Integrated is taken from what register leaves, so that no piece can come out negative.
    private EnergyByQuality UpTo(Int128 position)
    {
        Int128 register = _total == 0 ? 0 : _whole.Register.MicrowattHours * position / _total;
        Int128 rest = position - register;
        Int128 restOfWhole = _total - _whole.Register.MicrowattHours;
        Int128 integrated = restOfWhole == 0 ? 0 : _whole.Integrated.MicrowattHours * rest / restOfWhole;
        var given = new EnergyByQuality(new((long)register), new((long)integrated), new((long)(rest - integrated)));
        EnergyByQuality piece = given - _givenSoFar;
        _givenSoFar = given;
        return piece;
    }
}
