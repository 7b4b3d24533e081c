namespace FleetMonitor.Service.Simulator;

/// <summary>A model of rig with its nameplate: hash rate in TH/s, power in W. The values are those of community tables, not of data sheets.</summary>
public sealed record RigModel(string Name, int TerahashesPerSecond, int Watts)
{
    public static readonly IReadOnlyList<RigModel> All =
    [
        new("Antminer S19", 95, 3250),
        new("Antminer S19 Pro", 110, 3250),
        new("Antminer S19j Pro", 104, 3068),
        new("Antminer S19j Pro+", 122, 3355),
        new("Antminer S19k Pro", 120, 2760),
        new("Antminer S19 XP", 140, 3010),
        new("Antminer S21", 200, 3500),
        new("Antminer T21", 190, 3610),
        new("Antminer S21 Pro", 234, 3510),
        new("Whatsminer M30S", 88, 3344),
        new("Whatsminer M30S+", 100, 3400),
        new("Whatsminer M30S++", 106, 3472),
        new("Whatsminer M50", 118, 3422),
        new("Whatsminer M50S", 126, 3276),
        new("Whatsminer M60", 172, 3423),
        new("Whatsminer M60S", 186, 3422),
        new("Avalon A1346", 107, 3250),
        new("Avalon A1466", 150, 3300),
    ];
}
