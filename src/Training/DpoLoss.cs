using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>The DPO loss of Rafailov et al. 2023 (arXiv 2305.18290), eq. 7.</summary>
internal static class DpoLoss
{
    /// <summary>-log sigmoid(beta * ((log pi(chosen) - log pi(rejected)) - (log ref(chosen) - log ref(rejected)))) per pair.</summary>
    /// <param name="policyChosen">(B), nats.</param>
    /// <param name="policyRejected">(B), nats.</param>
    /// <param name="referenceChosen">(B), nats, without gradient.</param>
    /// <param name="referenceRejected">(B), nats, without gradient.</param>
    /// <param name="beta">How strongly a step away from the reference counts.</param>
    /// <returns>The losses and the implicit rewards, (B) each; rewards are without gradient.</returns>
    public static PreferenceLosses Of(Tensor policyChosen, Tensor policyRejected, Tensor referenceChosen, Tensor referenceRejected, double beta)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = (policyChosen - policyRejected) - (referenceChosen - referenceRejected); // (B)
        Tensor losses = nn.functional.logsigmoid(logits.Mul(beta)).neg(); // (B)
        Tensor chosenRewards = (policyChosen - referenceChosen).detach().Mul(beta); // (B), eq. 5 without the constant of the prompt
        Tensor rejectedRewards = (policyRejected - referenceRejected).detach().Mul(beta); // (B)
        return new PreferenceLosses(losses.MoveToOuterDisposeScope(), chosenRewards.MoveToOuterDisposeScope(), rejectedRewards.MoveToOuterDisposeScope());
    }
}
