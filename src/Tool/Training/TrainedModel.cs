using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tool.Training;

/// <summary>What a trainer gave back.</summary>
/// <param name="Transformer">The transformer.</param>
/// <param name="Summary">What training did.</param>
/// <param name="Model">The model, which is disposed with this.</param>
internal sealed record TrainedModel(ITransformer Transformer, TrainingSummary Summary, PretrainedModel Model) : IDisposable
{
    /// <summary>Saves it in a form.</summary>
    /// <param name="form">The form.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="saveZip">Saves the pipeline.</param>
    /// <returns>Where.</returns>
    public string Save(SavedForm form, RunFolder folder, Action saveZip)
    {
        switch (form)
        {
            case SavedForm.Zip:
                saveZip();
                return folder.Zip;
            case SavedForm.Adapter:
                Model.SaveAdapter(folder.Adapter);
                return folder.Adapter;
            default:
                Model.SaveModel(folder.Model);
                return folder.Model;
        }
    }

    public void Dispose()
    {
        Model.Dispose();
        (Transformer as IDisposable)?.Dispose();
    }
}
