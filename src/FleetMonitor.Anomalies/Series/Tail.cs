namespace FleetMonitor.Anomalies.Series;

/// <summary>
/// How rare a non-negative statistic is against its own past: an empirical distribution that forgets slowly, and above a high percentile
/// an exponential tail fitted to what was seen there (peaks over threshold). Fed with logarithms, that is a power-law tail (Hill's
/// estimator), which needs no assumption that the noise is normal: a series that often spikes needs a higher spike.
/// </summary>
internal sealed class Tail
{
    private const int Bins = 96;
    private const double BinWidth = 0.1;
    private const double Memory = 4000;
    private const double TailShare = 0.03;
    private const double PriorExcess = 0.12;
    private const double PriorWeight = 60;
    private const double ClipExcesses = 5;
    private const double FitsFrom = 20;

    private readonly float[] _bins = new float[Bins];
    private double _weight;
    private double _excess = PriorExcess * PriorWeight;
    private double _excessWeight = PriorWeight;

    /// <summary>The share of the past that was at least this large; extrapolated beyond what was ever seen.</summary>
    public double Probability(double statistic)
    {
        if (_weight < 1)
        {
            return 1;
        }

        double position = Math.Min(statistic / BinWidth, Bins - 1e-6);
        int own = (int)position;
        double above = _bins[own] * (own + 1 - position);
        for (int i = own + 1; i < Bins; i++)
        {
            above += _bins[i];
        }

        double seen = Math.Min(1, above / _weight);
        double threshold = Threshold();
        if (statistic <= threshold)
        {
            return seen;
        }

        // What was seen before, however far out, is not as rare as the fit would have it.
        return Math.Max(seen, TailShare * Math.Exp(-(statistic - threshold) * _excessWeight / _excess));
    }

    public void Learn(double statistic)
    {
        double keep = _weight < Memory ? 1 : 1 - (1 / Memory);
        if (keep < 1)
        {
            for (int i = 0; i < Bins; i++)
            {
                _bins[i] *= (float)keep;
            }
        }

        double threshold = Threshold();
        if (_weight > FitsFrom && statistic > threshold)
        {
            double excess = Math.Min(statistic - threshold, ClipExcesses * _excess / _excessWeight);
            double keepExcess = _excessWeight < Memory * TailShare ? 1 : 1 - (1 / (Memory * TailShare));
            _excess = (_excess * keepExcess) + excess;
            _excessWeight = (_excessWeight * keepExcess) + 1;
        }

        _bins[(int)Math.Min(statistic / BinWidth, Bins - 1)]++;
        _weight = (_weight * keep) + 1;
    }

    private double Threshold()
    {
        double above = 0;
        double target = TailShare * _weight;
        for (int i = Bins - 1; i >= 0; i--)
        {
            if (_bins[i] > 0 && above + _bins[i] >= target)
            {
                return (i + 1 - ((target - above) / _bins[i])) * BinWidth;
            }

            above += _bins[i];
        }

        return 0;
    }
}
