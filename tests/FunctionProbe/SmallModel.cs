namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>Where the tests' scripted clients find their tokenizer, in this process.</summary>
internal static class SmallModel
{
    public static string TokenizerFolder { get; set; } = "";
}
