using System.Text.RegularExpressions;
using Xunit;

namespace FleetMonitor.Tests.Documentation;

public partial class PromisesTests
{
    /// <summary>The table is made by <c>tests/promises.sh</c>: what a person changes in it by hand, or forgets to make anew, shows here.</summary>
    [Fact]
    public async Task Table_InTheReadme_IsTheTemplateFilledWithCounts()
    {
        string readme = await File.ReadAllTextAsync(Repository.File("README.md"));
        string[] table = [.. readme.Split("<!-- promises -->")[1].Split("<!-- /promises -->")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        string[] template = await File.ReadAllLinesAsync(Repository.File("tests/promises.md"));

        Assert.Equal(template.Length, table.Length);
        foreach ((string expected, string actual) in template.Zip(table))
        {
            Assert.Matches($"^{Placeholder().Replace(Regex.Escape(expected), @"\d{1,3}(,\d{3})*")}$", actual);
        }
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("doubled")]
    public async Task Counts_OfWhatMustNotBe_AreZero(string what)
    {
        string readme = await File.ReadAllTextAsync(Repository.File("README.md"));
        string table = readme.Split("<!-- promises -->")[1].Split("<!-- /promises -->")[0];

        string[] counts = [.. Regex.Matches(table, $@"(\S+) {what}").Select(match => match.Groups[1].Value).Where(word => word != "sessions")];

        Assert.NotEmpty(counts);
        Assert.All(counts, count => Assert.Equal("0", count));
    }

    [GeneratedRegex(@"\\\{[a-z-]+\\\.[a-z]+}")]
    private static partial Regex Placeholder();
}
