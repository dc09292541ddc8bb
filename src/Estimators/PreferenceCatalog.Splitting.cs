using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Transforms.Splitting;

namespace Microsoft.ML;

/// <content>The verbs that hold rows out, without a prompt on both sides.</content>
public sealed partial class PreferenceCatalog
{
    /// <summary>Splits pairs into a set to train on and a set to test on, so that no prompt is in both.</summary>
    /// <param name="data">Has the pairs; any view, and anything may be done with the two sets.</param>
    /// <param name="testFraction">About which share of the prompts goes to the test set, above 0 and below 1.</param>
    /// <param name="samplingKeyColumnName">A text column that holds the prompt; by default it is read from the conversations.</param>
    /// <param name="seed">Deals the prompts anew; by default the seed of the <see cref="MLContext"/>, or else 0.</param>
    /// <param name="chosenColumnName">A text column with JSON message lists: the preferred conversation, prompt included.</param>
    /// <param name="rejectedColumnName">A text column with JSON message lists: the conversation that lost, prompt included.</param>
    /// <returns>Two lazy views with the data's schema, each with its rows in the data's order.</returns>
    /// <remarks>
    /// <para>Files of preferences often have several pairs for one prompt. A split by row then tests on prompts that were trained on, and reports an
    /// accuracy that new prompts do not have.</para>
    /// <para>The prompt is what both sides share before they part: roles, contents and tool calls, however they are escaped, composed or spaced. Its hash
    /// and the seed alone decide where it goes: it stays there in other files, orders and versions, and a larger <paramref name="testFraction"/> takes the
    /// smaller one's prompts and more. So a set of few prompts may give the test set more or less than its share.</para>
    /// <para>A set without a row is an <see cref="InvalidDataException"/> where a cursor comes to its end, and so is a row without a prompt in common where
    /// a cursor comes to it.</para>
    /// <para>Conversations for fine-tuning are split by naming their one column for both sides; the prompt then is all but the last message.</para>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not between 0 and 1, or a column is missing or no text.</exception>
    /// <exception cref="ArgumentException">Both a column of prompts and columns of conversations are named.</exception>
    public DataOperationsCatalog.TrainTestData TrainTestSplit(
        IDataView data, double testFraction = 0.1, string? samplingKeyColumnName = null, int? seed = null,
        string chosenColumnName = ColumnNames.Chosen, string rejectedColumnName = ColumnNames.Rejected)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (testFraction is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(testFraction), testFraction, "The fraction of the test set must be above 0 and below 1.");
        int dealt = CatalogSeed.Of(Environment, seed);
        PromptColumns prompts = Prompts(data, samplingKeyColumnName, dealt, chosenColumnName, rejectedColumnName);
        return Sides(data, prompts, 0, testFraction, dealt);
    }

    /// <summary>Splits pairs into folds for cross-validation, so that no prompt is in two of them.</summary>
    /// <param name="data">Has the pairs; any view, and anything may be done with the sets.</param>
    /// <param name="numberOfFolds">How many folds, at least 2.</param>
    /// <param name="samplingKeyColumnName">A text column that holds the prompt; by default it is read from the conversations.</param>
    /// <param name="seed">Deals the prompts anew; by default the seed of the <see cref="MLContext"/>, or else 0.</param>
    /// <param name="chosenColumnName">A text column with JSON message lists: the preferred conversation, prompt included.</param>
    /// <param name="rejectedColumnName">A text column with JSON message lists: the conversation that lost, prompt included.</param>
    /// <returns>
    /// For each fold, its rows as the test set and all others as the training set; views as of <see cref="TrainTestSplit"/>, by the same rules.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 2 folds, or a column is missing or no text.</exception>
    /// <exception cref="ArgumentException">Both a column of prompts and columns of conversations are named.</exception>
    public IReadOnlyList<DataOperationsCatalog.TrainTestData> CrossValidationSplit(
        IDataView data, int numberOfFolds = 5, string? samplingKeyColumnName = null, int? seed = null,
        string chosenColumnName = ColumnNames.Chosen, string rejectedColumnName = ColumnNames.Rejected)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(numberOfFolds, 2);
        int dealt = CatalogSeed.Of(Environment, seed);
        PromptColumns prompts = Prompts(data, samplingKeyColumnName, dealt, chosenColumnName, rejectedColumnName);
        return [.. Enumerable.Range(0, numberOfFolds)
            .Select(fold => Sides(data, prompts, (double)fold / numberOfFolds, (fold + 1.0) / numberOfFolds, dealt))];
    }

    private static DataOperationsCatalog.TrainTestData Sides(IDataView data, PromptColumns prompts, double start, double end, int seed) => new(
        new SplitDataView(data, prompts, new SplitSide("training", start, end, Within: false, seed)),
        new SplitDataView(data, prompts, new SplitSide("test", start, end, Within: true, seed)));

    private static PromptColumns Prompts(IDataView data, string? key, int seed, string chosen, string rejected)
    {
        if (key is null)
            return PromptColumns.OfPair(data.Schema, chosen, rejected, seed);
        if (chosen != ColumnNames.Chosen || rejected != ColumnNames.Rejected)
        {
            throw new ArgumentException(
                $"The prompt is to be read from '{key}' (samplingKeyColumnName) and from '{chosen}' and '{rejected}'; name the one or the others.");
        }

        return PromptColumns.OfKey(data.Schema, key, seed);
    }
}
