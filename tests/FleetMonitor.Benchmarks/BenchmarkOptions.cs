namespace FleetMonitor.Benchmarks;

/// <summary>How much is run, and where the reports go.</summary>
/// <param name="Quick">Sizes that only show that it runs: the figures mean nothing.</param>
/// <param name="Output">The folder of the reports.</param>
/// <param name="Own">Options that one part alone has, such as <c>--seed</c>, with their values.</param>
internal sealed record BenchmarkOptions(bool Quick, string Output, IReadOnlyDictionary<string, string> Own)
{
    /// <summary>One size for measuring, one for trying out.</summary>
    public T Size<T>(T full, T quick) => Quick ? quick : full;

    public string File(string name) => Path.Combine(Output, name);

    /// <summary>Tells how far it is.</summary>
    public static void Say(string progress) => Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss}  {progress}");
}
