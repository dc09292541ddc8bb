using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

public sealed class LineLengthTests
{
    private const int Most = 160;
    private static readonly string[] s_folders = ["src", "tests", "examples", "bench", "eng"];

    [Fact]
    public void Sources_OfEveryFolder_HaveNoLongerLines() =>
        s_folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(TestFiles.RepositoryRoot, folder), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(step => step is "obj" or "bin"))
            .SelectMany(path => TooLong(Path.GetRelativePath(TestFiles.RepositoryRoot, path), File.ReadAllLines(path)))
            .Should().BeEmpty();

    [Fact]
    public void TooLong_CodeAndData_OnlyCodeCounts()
    {
        string word = new('a', Most);
        TooLong("A.cs", ["int a;", $"int {word};", $"\"\"\"{word}\"\"\"", "\"\"\"", word, "\"\"\"", $"// {word}"]).Should().Equal("A.cs:2", "A.cs:7");
    }

    // what a raw string holds is data: a row or a file's line, which breaks would change
    private static IEnumerable<string> TooLong(string path, string[] lines)
    {
        bool isData = false;
        for (int i = 0; i < lines.Length; i++)
        {
            int marks = lines[i].Split("\"\"\"").Length - 1;
            bool hasData = isData || marks > 0;
            isData ^= marks % 2 == 1;
            if (lines[i].Length > Most && !hasData)
                yield return $"{path}:{i + 1}";
        }
    }
}
