using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Training.Records;
using MiniMind.MLNet.Dpo.Transforms.Diagnosis;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A look at the training pairs for a run's records: by their texts alone, and at the first ones only where there are many.</summary>
internal static class DiagnosisSamples
{
    private const int MostPairs = 20_000; // a second or two, and some tens of megabytes while it lasts

    /// <summary>Looks; what keeps it from looking is said in the result.</summary>
    public static DiagnosisSample Of(MLContext context, IDataView pairs, IDataView? heldOut)
    {
        if (!HasTexts(pairs))
        {
            return new DiagnosisSample
            {
                Missing = $"the data has no text columns '{ColumnNames.Chosen}' and '{ColumnNames.Rejected}' any more, which the diagnosis reads",
            };
        }
        PreferenceDiagnosisOptions options = new();
        DiagnosisSettings settings = new(
            ColumnNames.Chosen, ColumnNames.Rejected, ColumnNames.LineNumber, options.BiasLimit, options.Similarity, options.Examples,
            CatalogSeed.Of(context, null));
        try
        {
            PairSource source = new(First(context, pairs), settings);
            TextDiagnosis texts = new(source, heldOut is null || !HasTexts(heldOut) ? null : new PairSource(First(context, heldOut), settings), settings);
            PreferenceDiagnosis diagnosis = new()
            {
                Pairs = texts.Pairs, Prompts = texts.Repetitions.PromptCount, HeldOutPairs = texts.HeldOut, Length = texts.Length, Formats = texts.Formats,
                Findings = [.. new TextFindings(texts, settings).All()], HasLines = source.HasLines,
            };
            return new DiagnosisSample
            {
                Pairs = diagnosis.Pairs, IsPart = diagnosis.Pairs == MostPairs, Prompts = diagnosis.Prompts, HeldOutPairs = diagnosis.HeldOutPairs,
                Findings = [.. diagnosis.Findings.Select(finding => new DiagnosisItem(
                    $"{finding.Kind}", finding.Summary, finding.Count, finding.Examples, finding.Why, finding.Remedy))],
                Text = diagnosis.ToString(),
            };
        }
        catch (InvalidDataException fault)
        {
            return new DiagnosisSample { Missing = fault.Message };
        }
    }

    private static IDataView First(MLContext context, IDataView data) => context.Data.TakeRows(data, MostPairs);

    private static bool HasTexts(IDataView data) => data.Schema.GetColumnOrNull(ColumnNames.Chosen) is { Type: TextDataViewType }
        && data.Schema.GetColumnOrNull(ColumnNames.Rejected) is { Type: TextDataViewType };
}
