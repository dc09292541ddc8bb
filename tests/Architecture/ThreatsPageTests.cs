using System.Globalization;
using System.Text.RegularExpressions;
using MiniMind.MLNet.Dpo.ChatTemplates;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Data.Records;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Tokenization.Sources;
using MiniMind.MLNet.Dpo.Training.Checkpoints;
using MiniMind.MLNet.Dpo.Training.Records;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Weights;
using MiniMind.MLNet.Dpo.Weights.Adapters;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

/// <summary>docs/THREATS.md says the limits that the code has, and names tests that there are.</summary>
public sealed partial class ThreatsPageTests
{
    private static readonly string[] s_lines = File.ReadAllLines(Path.Combine(TestFiles.RepositoryRoot, "docs", "THREATS.md"));

    /// <summary>The beginning of a row, and the limits that it must name.</summary>
    public static TheoryData<string, string[]> Rows => new()
    {
        { "`config.json`", [Megabytes(ConfigJson.MaxBytes), Number(ConfigLimits.Vocabulary), Number(ConfigLimits.Width),
            Number(ConfigLimits.Layers) + " layers", Number(ConfigLimits.Experts) + " experts"] },
        { "`model.safetensors`", [Number(SafetensorsHeader.MaxBytes) + " bytes", Number(SafetensorsHeader.MaxTensors) + " tensors"] },
        { "`model.safetensors.index.json`", [Megabytes(SafetensorsIndexReader.MaxIndexBytes), Number(SafetensorsIndexReader.MaxShards) + " files"] },
        {
            "`.pth`",
            [Megabytes(ZipDirectory.MaxDirectoryBytes), Number(ZipDirectory.MaxEntries) + " entries", "pickle " + Megabytes(PickleReader.MaxBytes),
                Number(PickleReader.MaxOperations) + " operations", Number(PickleReader.MaxTextLength) + " bytes"]
        },
        {
            "an adapter's folder",
            [
                Megabytes(PeftConfigReader.MaxBytes), Number(PeftConfigReader.MaxPatterns) + " patterns", Number(PeftConfigReader.MaxExpressions) + " of them",
                Number(NamePattern.MaxCharacters) + " characters", Number(AdapterTensors.MaxNameCharacters) + " characters",
            ]
        },
        { "weights of all formats", [WeightFaults.TooLarge.ToString("G3", CultureInfo.InvariantCulture)] },
        { "a folder that is no model", [Megabytes(FolderDiagnosis.MaxAdapterConfigBytes)] },
        {
            "`tokenizer.json`",
            [
                Megabytes(TokenizerJsonReader.MaxFileBytes), Megabytes(TokenizerText.MaxSectionBytes),
                    Number(TokenizerLimits.Vocabulary) + " ids", Number(TokenizerLimits.AddedTokens) + " added tokens",
                Number(AddedTokenReader.MaxContentLength) + " characters", Number(TokenizerLimits.AddedTokenCharacters),
            ]
        },
        {
            "a tokenizer's steps",
            [
                Number(TokenizerLimits.Steps), Number(TokenizerLimits.FrameIds) + " ids", Number(TokenizerLimits.PutInCharacters) + " characters",
                Number(TokenizerLimits.NormalizedGrowth) + " characters made", Number(TokenizerLimits.NormalizedAnyway) + " anyway",
                Number(TokenizerLimits.DecodedBytes) + " bytes",
            ]
        },
        { "`tokenizer.model`", [Megabytes(SentencePieceSource.MaxFileBytes)] },
        { "`vocab.json`, `merges.txt`", [Megabytes(MergeFilesSource.MaxFileBytes)] },
        {
            "a tokenizer's patterns",
            [
                Number(TokenizerLimits.PatternCharacters) + " characters", Number(TokenizerLimits.AllPatternCharacters),
                    Number(TokenizerLimits.PatternElements) + " elements", Number(SplitPatternSyntax.MaxRepeat) + " times",
                $"{TokenizerLimits.MatchSeconds} s for one match", $"{TokenizerLimits.TextSeconds} s for a text",
                    Number(TokenizerLimits.PatientCharacters) + " characters",
            ]
        },
        { "`tokenizer_config.json`", [Megabytes(TokenizerConfig.MaxFileBytes)] },
        {
            "chat templates",
            [
                Megabytes(PretrainedModel.MaxTemplateBytes), Number(RenderLimits.SourceCharacters) + " characters", RenderLimits.SourceDepth + " levels",
                    Number(new RenderLimits().Steps) + " steps",
                Megabytes(new RenderLimits().AllocatedBytes), Number(new RenderLimits().OutputCharacters), Number(new RenderLimits().Depth) + " levels",
                $"{RenderLimits.ForInput(1).Steps - new RenderLimits().Steps} for each",
                    $"{RenderLimits.ForInput(1).AllocatedBytes - new RenderLimits().AllocatedBytes} bytes for each",
            ]
        },
        { "ML.NET's zip by `mlContext.Preferences.LoadModel`",
            [Number(SavedModelFile.MaxEntries) + " entries", Megabytes(SavedModelFile.MaxPackedBytes), Megabytes(ModelEntryReader.LargestInMemory)] },
        { "ML.NET's zip by `mlContext.Model.Load`", [Megabytes(ModelEntryReader.LargestInMemory)] },
        { "training checkpoints", [Megabytes(CheckpointReader.MaxStateBytes)] },
        { "run directory", [Megabytes(RunRecord.MaxBytes), Megabytes(AppendedFile.MaxBytes)] },
        { "data files (JSONL)", [Megabytes(new PreferenceFileOptions().MaxLineBytes), Number(new PreferenceFileOptions().MaxLeadingBadRows) + " bad rows"] },
        { "data files (JSON arrays", [Megabytes(new PreferenceFileOptions().MaxLineBytes)] },
        { "data files (CSV, TSV)", [Megabytes(new PreferenceFileOptions().MaxLineBytes), Number(TableScanner.MaxCells) + " cells"] },
        { "data files (gzip)", [Number(GzipReadStream.MaxNameBytes) + " bytes"] },
        { "data files (Parquet)", [Megabytes(new PreferenceFileOptions().MaxRowGroupBytes), Megabytes(new PreferenceFileOptions().MaxLineBytes),
            ParquetTree.MaxDepth + " levels", Megabytes(ParquetMetadata.MaxBytes), Number(ParquetMetadata.MaxElements)] },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Row_OfAReader_HasTheCodesLimits(string reader, string[] limits)
    {
        string row = s_lines.Single(line => line.StartsWith($"| {reader}", StringComparison.Ordinal));
        row.Split('|')[2].Should().ContainAll(limits);
    }

    [Fact]
    public void Page_NamesTests_ThatThereAre()
    {
        // a file has the name of its class; the tests are in several projects
        HashSet<string> classes = [.. Directory.EnumerateFiles(Path.Combine(TestFiles.RepositoryRoot, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetFileNameWithoutExtension(path))];
        string[] named = [.. s_lines.SelectMany(line => TestClass().Matches(line)).Select(match => match.Groups[1].Value).Distinct()];
        named.Should().HaveCountGreaterThan(20).And.OnlyContain(name => classes.Contains(name));
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Megabytes(long bytes) => $"{Number(bytes >> 20)} MB";

    [GeneratedRegex("`([A-Za-z]+Tests)`")]
    private static partial Regex TestClass();
}
