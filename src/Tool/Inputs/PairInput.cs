using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>Data in two parts that share no prompt.</summary>
internal static class PairInput
{
    /// <summary>Splits pairs.</summary>
    public static DataOperationsCatalog.TrainTestData Split(MLContext context, IDataView data, double fraction, PreferencePreparationOptions options) =>
        context.Preferences.TrainTestSplit(
            data, fraction, chosenColumnName: options.ChosenColumnName, rejectedColumnName: options.RejectedColumnName);

    /// <summary>Splits conversations.</summary>
    public static DataOperationsCatalog.TrainTestData SplitConversations(
        MLContext context, IDataView data, double fraction, FeedbackPreparationOptions options) => context.Preferences.TrainTestSplit(
            data, fraction, chosenColumnName: options.ConversationColumnName, rejectedColumnName: options.ConversationColumnName);
}
