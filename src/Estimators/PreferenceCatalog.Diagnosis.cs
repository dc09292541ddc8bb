using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Transforms.Diagnosis;

namespace Microsoft.ML;

/// <content>A look at the data before training.</content>
public sealed partial class PreferenceCatalog
{
    /// <summary>Looks at preference data before training, and says what may spoil it: in findings, in numbers, and in a text for a person to read.</summary>
    /// <param name="pairs">The pairs to train on, as the loading verbs give them.</param>
    /// <param name="model">The model to be trained, for what depends on it: cut pairs, and what it prefers already; <see langword="null"/> to leave that
    /// out.</param>
    /// <param name="heldOut">The pairs to test on, for prompts that are in both; <see langword="null"/> for none.</param>
    /// <param name="options">How to look; <see langword="null"/> for the defaults.</param>
    /// <returns>The report; its <see cref="PreferenceDiagnosis.ToString"/> is the text.</returns>
    /// <remarks>
    /// <para>Without a model the views are read once, and again where pairs may be nearly the same. That takes time in proportion to their size (tens of
    /// thousands of pairs a second or two), about 3 KB of memory a pair, and the words of pairs that are compared closely. With a model, the pairs are
    /// prepared once more, and some hundred of them scored.</para>
    /// <para>Nothing is changed or left out: what to do is said with each finding.</para>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or no text.</exception>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    /// <exception cref="InvalidDataException">There is no pair, or a row is no pair of message lists; the message says which.</exception>
    public PreferenceDiagnosis Diagnose(IDataView pairs, PretrainedModel? model = null, IDataView? heldOut = null, PreferenceDiagnosisOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        options ??= new PreferenceDiagnosisOptions();
        options.Validate();
        DiagnosisSettings settings = new(
            options.Preparation.ChosenColumnName, options.Preparation.RejectedColumnName, options.LineNumberColumnName, options.BiasLimit, options.Similarity,
                options.Examples,
            CatalogSeed.Of(Environment, options.Seed));
        PairSource source = new(pairs, settings);
        TextDiagnosis texts = new(source, heldOut is null ? null : new PairSource(heldOut, settings), settings);
        List<DiagnosisFinding> findings = [.. new TextFindings(texts, settings).All()];
        ModelDiagnosis? byModel = null;
        if (model is not null)
        {
            byModel = new ModelDiagnosis(model, options, settings);
            findings.AddRange(byModel.Run(_context.Transforms.PreparePreferencePairs(model, options.Preparation).Fit(pairs).Transform(pairs), texts.Pairs));
        }
        return new PreferenceDiagnosis
        {
            Pairs = texts.Pairs, Prompts = texts.Repetitions.PromptCount, HeldOutPairs = texts.HeldOut, Findings = findings, Length = texts.Length,
            Formats = texts.Formats,
            Truncation = byModel?.Truncation, Reference = byModel?.Margins, HasLines = source.HasLines,
        };
    }
}
