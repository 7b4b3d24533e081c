using System.Globalization;

namespace FleetMonitor.Levy;

/// <summary>What people write into the books: names and reasons. They are printed on what is filed, and stay for good.</summary>
public static class EntryText
{
    public const int LongestName = 200;
    public const int LongestReason = 1_000;

    /// <returns>What is wrong with the name of who decides; null where nothing is.</returns>
    public static string? NameProblem(string? by) => Problem(by, "the name of who decides", LongestName);

    /// <returns>What is wrong with a reason; null where nothing is.</returns>
    public static string? ReasonProblem(string? reason) => Problem(reason, "the reason", LongestReason);

    private static string? Problem(string? text, string what, int longest) =>
        string.IsNullOrWhiteSpace(text) ? $"{what} is missing"
        : text.Length > longest ? string.Create(CultureInfo.InvariantCulture, $"{what} has {text.Length} characters: write no more than {longest}")
        : text.Any(char.IsControl) ? $"{what} holds a control character, such as a line feed: write it on one line"
        : null;
}
