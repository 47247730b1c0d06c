package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	jobcontroller "k8s.io/kubernetes/pkg/controller/job"
)

// How a pod ended, as whoever plays the kubelet tells it.
type ended struct {
	Pod      string `json:"pod"`
	ExitCode int32  `json:"exitCode"`
}

// What became of the Job.
type finished struct {
	Event            string   `json:"event"`
	Conditions       []string `json:"conditions"`
	Succeeded        int32    `json:"succeeded"`
	Failed           int32    `json:"failed"`
	CompletedIndexes string   `json:"completedIndexes"`
	FailedIndexes    string   `json:"failedIndexes"`
	PodsCreated      int      `json:"podsCreated"`
	PodsDeleted      int      `json:"podsDeleted"`
}

// Runs Kubernetes' Job controller on the Job of a manifest, over an API that is kept in memory.
func play(manifestPath, secretsPath string) error {
	manifest, err := os.ReadFile(manifestPath)
	if err != nil {
		return err
	}
	given, err := readResources(manifest, secretsPath)
	if err != nil {
		return err
	}
	// The API in memory has no resource versions to wait for.
	if err := utilfeature.DefaultMutableFeatureGate.Set("StaleControllerConsistencyJob=false"); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	client := fake.NewClientset()
	created, deleted := 0, 0
	pods := make(chan *corev1.Pod, 1024)
	client.PrependReactor("create", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		pod := action.(clienttesting.CreateAction).GetObject().(*corev1.Pod)
		// What the API server does.
		created++
		pod.Name = fmt.Sprintf("%s%05d", pod.GenerateName, created)
		pod.UID = types.UID(fmt.Sprintf("00000000-0000-4000-8000-1%011d", created))
		pod.CreationTimestamp = metav1.Now()
		pod.Status.Phase = corev1.PodPending
		pods <- pod.DeepCopy()
		return false, nil, nil
	})
	client.PrependReactor("delete", "pods", func(clienttesting.Action) (bool, runtime.Object, error) {
		deleted++
		return false, nil, nil
	})
	keepVersions(client)
	shared := informers.NewSharedInformerFactory(client, 0)
	controller, err := jobcontroller.NewController(ctx, client, shared.Core().V1().Pods(), shared.Batch().V1().Jobs(), nil, nil)
	if err != nil {
		return err
	}
	shared.Start(ctx.Done())
	shared.WaitForCacheSync(ctx.Done())
	go controller.Run(ctx, 1)
	jobs := client.BatchV1().Jobs(given.job.Namespace)
	if _, err := jobs.Create(ctx, given.job, metav1.CreateOptions{}); err != nil {
		return err
	}
	failures := make(chan error, 2)
	go func() { failures <- tellPods(given, pods) }()
	go func() { failures <- hearEnds(ctx, client, given.job.Namespace) }()
	for {
		select {
		case err := <-failures:
			return err
		case <-time.After(100 * time.Millisecond):
		}
		job, err := jobs.Get(ctx, given.job.Name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if !isFinished(job) {
			continue
		}
		return json.NewEncoder(os.Stdout).Encode(resultOf(job, created, deleted))
	}
}

// The API in memory leaves resource versions alone, by which controllers tell a change from none.
func keepVersions(client *fake.Clientset) {
	var version atomic.Int64
	next := func() string { return strconv.FormatInt(version.Add(1), 10) }
	for _, resource := range []string{"pods", "jobs"} {
		for _, verb := range []string{"create", "update"} {
			client.PrependReactor(verb, resource, func(action clienttesting.Action) (bool, runtime.Object, error) {
				accessor, err := meta.Accessor(action.(clienttesting.UpdateAction).GetObject())
				if err != nil {
					return true, nil, err
				}
				accessor.SetResourceVersion(next())
				return false, nil, nil
			})
		}
	}
	client.PrependReactor("patch", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		patch := action.(clienttesting.PatchAction)
		resource, namespace := action.GetResource(), action.GetNamespace()
		object, err := client.Tracker().Get(resource, namespace, patch.GetName())
		if err != nil {
			return true, nil, err
		}
		before, err := json.Marshal(object)
		if err != nil {
			return true, nil, err
		}
		after, err := strategicpatch.StrategicMergePatch(before, patch.GetPatch(), corev1.Pod{})
		if err != nil {
			return true, nil, err
		}
		patched := &corev1.Pod{}
		if err := json.Unmarshal(after, patched); err != nil {
			return true, nil, err
		}
		patched.ResourceVersion = next()
		return true, patched, client.Tracker().Update(resource, patched, namespace)
	})
}

func isFinished(job *batchv1.Job) bool {
	for _, condition := range job.Status.Conditions {
		isEnd := condition.Type == batchv1.JobComplete || condition.Type == batchv1.JobFailed
		if isEnd && condition.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}

func resultOf(job *batchv1.Job, created, deleted int) finished {
	result := finished{Event: "job", Succeeded: job.Status.Succeeded, Failed: job.Status.Failed,
		CompletedIndexes: job.Status.CompletedIndexes, PodsCreated: created, PodsDeleted: deleted, Conditions: []string{}}
	if job.Status.FailedIndexes != nil {
		result.FailedIndexes = *job.Status.FailedIndexes
	}
	for _, condition := range job.Status.Conditions {
		result.Conditions = append(result.Conditions, fmt.Sprintf("%s: %s", condition.Type, condition.Reason))
	}
	return result
}

func tellPods(given *resources, pods <-chan *corev1.Pod) error {
	encoder := json.NewEncoder(os.Stdout)
	for pod := range pods {
		told, err := given.started(pod)
		if err != nil {
			return err
		}
		if err := encoder.Encode(told); err != nil {
			return err
		}
	}
	return nil
}

// Sets what a kubelet would set when a container has ended.
func hearEnds(ctx context.Context, client *fake.Clientset, namespace string) error {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var end ended
		if err := json.Unmarshal(lines.Bytes(), &end); err != nil {
			return err
		}
		pod, err := client.CoreV1().Pods(namespace).Get(ctx, end.Pod, metav1.GetOptions{})
		if err != nil {
			return err
		}
		pod.Status.Phase = corev1.PodSucceeded
		if end.ExitCode != 0 {
			pod.Status.Phase = corev1.PodFailed
		}
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{
			Name: pod.Spec.Containers[0].Name,
			State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
				ExitCode: end.ExitCode, FinishedAt: metav1.Now(),
			}},
		}}
		if _, err := client.CoreV1().Pods(namespace).UpdateStatus(ctx, pod, metav1.UpdateOptions{}); err != nil {
			return err
		}
	}
	return errors.New("nobody tells how the pods end")
}
