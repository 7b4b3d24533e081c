namespace FleetMonitor.Fleet.Json;

/// <summary>One thing that is wrong with a file a person wrote: where, what stands there, and how to put it right.</summary>
/// <param name="Source">The file's name as the person knows it.</param>
/// <param name="Path">JSON path, such as <c>$.sites[0].devices[3].id</c>.</param>
/// <param name="Value">What stands there, as JSON (shortened), or null where something is missing.</param>
/// <param name="Message">What is wrong with it.</param>
/// <param name="Fix">What to write instead.</param>
public sealed record Problem(string Source, string Path, string? Value, string Message, string Fix)
{
    public override string ToString() =>
        Value is null ? $"{Source}: {Path}: {Message}; {Fix}" : $"{Source}: {Path} = {Value}: {Message}; {Fix}";
}

/// <summary>What came of reading a file: the value, or every problem at once.</summary>
public sealed class Parsed<T>
    where T : class
{
    private Parsed(T? value, IReadOnlyList<Problem> problems)
    {
        Value = value;
        Problems = problems;
    }

    /// <summary>Null where there are problems.</summary>
    public T? Value { get; }

    public IReadOnlyList<Problem> Problems { get; }

    public static Parsed<T> Of(T value) => new(value, []);

    public static Parsed<T> Failed(IReadOnlyList<Problem> problems) => new(null, problems);
}
