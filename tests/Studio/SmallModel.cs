namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>Where scripted chat clients find their tokenizer.</summary>
internal static class SmallModel
{
    public static string TokenizerFolder => TestFiles.Repository("examples", "QuickStart", "model");
}
