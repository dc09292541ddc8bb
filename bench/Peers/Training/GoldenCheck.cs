using System.Globalization;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>Whether the stock arithmetic is MiniMind's: its losses over ten steps against those that MiniMind gave on the same weights and pairs.</summary>
internal static class GoldenCheck
{
    private const int Steps = 10, BatchSize = 4, Length = 47;
    private const double Tolerance = 1e-4;

    /// <summary>Runs all of the folder's runs; 1 where a loss lies further off than the goldens' tolerance.</summary>
    public static int Run(string goldens)
    {
        TorchNativeLibrary.EnsureLoaded();
        bool same = true;
        foreach (string folder in Directory.GetDirectories(Path.Combine(goldens, "dpo-step", "runs")).Order(StringComparer.Ordinal))
        {
            double apart = Apart(goldens, folder);
            same &= apart < Tolerance;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(folder)}: losses of {Steps} steps lie {apart:E1} apart at most"));
        }
        return same ? 0 : 1;
    }

    private static double Apart(string goldens, string folder)
    {
        using DisposeScope scope = NewDisposeScope();
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "steps.json")));
        JsonElement info = document.RootElement.GetProperty("run");
        string source = Path.Combine(goldens, info.GetProperty("src").GetString()!);
        RunFile run = new(Shape(Path.Combine(source, "minimind_config.json")), Pairs(Path.Combine(goldens, "dpo-step", "batches.safetensors")), BatchSize,
            Length, 1, false, "", info.GetProperty("beta").GetDouble(), 1e-3, []);
        string policy = info.GetProperty("policy").GetString() == "pert" ? "policy_perturbed" : "state_dict";
        using StockStepper stepper = new(run, Weights(Path.Combine(source, policy + ".safetensors")), Weights(Path.Combine(source, "state_dict.safetensors")),
            means: info.GetProperty("red").GetString() != "sum");
        double apart = 0;
        foreach (JsonElement step in document.RootElement.GetProperty("steps").EnumerateArray())
        {
            int number = step.GetProperty("step").GetInt32();
            (double loss, _) = stepper.Step([.. Enumerable.Range(BatchSize * (number - 1), BatchSize)], step.GetProperty("lr").GetDouble());
            apart = Math.Max(apart, Math.Abs(loss - step.GetProperty("loss").GetDouble()));
        }
        return apart;
    }

    private static Dictionary<string, Tensor> Weights(string path) =>
        new GoldenFile(path).Tensors.Where(entry => entry.Key != "lm_head.weight").ToDictionary(entry => entry.Key, entry => entry.Value);

    private static SidePair[] Pairs(string path)
    {
        GoldenFile file = new(path);
        int[][] Rows(string name) => [.. file.Tensors[name].data<long>().Select(value => (int)value).Chunk(Length)];
        Side[] Sides(string side) =>
            [.. Rows("x_" + side).Zip(Rows("y_" + side), Rows("mask_" + side)).Select(rows => new Side(rows.First, rows.Second, rows.Third))];
        return [.. Sides("chosen").Zip(Sides("rejected"), (chosen, rejected) => new SidePair(chosen, rejected))];
    }

    private static ModelShape Shape(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement root = document.RootElement;
        int Int(string key) => root.GetProperty(key).GetInt32();
        bool experts = root.GetProperty("use_moe").GetBoolean();
        return new ModelShape(Int("vocab_size"), Int("hidden_size"), Int("num_hidden_layers"), Int("num_attention_heads"), Int("num_key_value_heads"),
            Int("head_dim"), Int("intermediate_size"), root.GetProperty("rms_norm_eps").GetDouble(), root.GetProperty("rope_theta").GetDouble(),
            Int("max_position_embeddings"), experts ? Int("num_experts") : 0, experts ? Int("num_experts_per_tok") : 0,
            experts ? Int("moe_intermediate_size") : 0, experts && root.GetProperty("norm_topk_prob").GetBoolean(),
            experts ? root.GetProperty("router_aux_loss_coef").GetDouble() : 0);
    }
}
